//! Works that move data: from where to where.

use idds_workflow::FileCopy;

use super::Terms;
use crate::state::{Copying, Run};

/// Why data is not moved where nobody has said how.
pub(super) const NOBODY: &str = "it moves files between storage elements, and none are named here; `--storage FILE` of `idds run` and \
                                 `idds serve` names directories that are some";

/// Plans the moving of a dataset, between storage elements that are there.
pub(super) fn plan(copy: FileCopy, terms: &Terms) -> Result<Run, String> {
    let storage = terms.storage.as_deref().ok_or(NOBODY)?;
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
