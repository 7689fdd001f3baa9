//! Works that move data: from where to where, and who moves it.

use idds_workflow::FileCopy;

use super::Terms;
use crate::state::{Copying, Following, Run};

/// Why data is not moved where nobody has said how.
pub(super) const NOBODY: &str = "it moves files between storage elements, and none are named here; `--storage FILE` of `idds run` and \
                                 `idds serve` names directories that are some, and `--rucio` follows rules of Rucio";

/// Plans the moving of a dataset: between storage elements that are directories here, or else by a rule of Rucio.
pub(super) fn plan(copy: FileCopy, terms: &Terms) -> Result<Run, String> {
    let storage = terms.storage.as_deref();
    let is_here = storage.is_some_and(|storage| {
        let is_element = |name: &str| storage.elements().any(|element| element == name);
        copy.to.as_deref().is_some_and(is_element)
    });
    if terms.has_rucio && !is_here {
        return follow(copy).map(Run::Follow);
    }
    let storage = storage.ok_or(NOBODY)?;
    let (scope, name) = (copy.dataset.scope(), copy.dataset.name());
    let to = copy.to.ok_or_else(|| {
        let known: Vec<_> = storage.elements().collect();
        format!(
            "dest_rse: is missing; it names the storage element that the files are copied to, one of {}",
            known.join(", ")
        )
    })?;
    storage.find("dest_rse", &to)?;
    if let Some(from) = &copy.from {
        storage.find("src_rse", from)?;
    }
    storage.place(&to, scope, name)?;
    Ok(Run::Copy(Copying {
        scope: scope.to_owned(),
        name: name.to_owned(),
        from: copy.from,
        to,
        patience: copy.patience.map(|patience| patience.as_secs_f64()),
    }))
}

fn follow(copy: FileCopy) -> Result<Following, String> {
    if copy.rule.is_none() && !copy.makes_rule {
        return Err(
            "rule_id: is missing; works of this class follow a rule of Rucio that is there, and one of type stage_in makes one"
                .to_owned(),
        );
    }
    if copy.rule.is_none() && copy.to.is_none() {
        return Err(
            "dest_rse: is missing; without a rule_id, it says where a rule of Rucio brings the files"
                .to_owned(),
        );
    }
    Ok(Following {
        scope: copy.dataset.scope().to_owned(),
        name: copy.dataset.name().to_owned(),
        from: copy.from,
        to: copy.to,
        rule: copy.rule,
        patience: copy.patience.map(|patience| patience.as_secs_f64()),
    })
}
