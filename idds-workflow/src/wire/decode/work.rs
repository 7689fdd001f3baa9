//! Reads works of all classes.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::class::{self, Decoder, Inherits, Refusal};
use super::fields::{Fields, Instance, excerpt};
use super::{DecodeError, name};
use crate::wire::envelope::Member;
use crate::work::base::{Attribute, Base, Details, HasBase as _, common_attributes};
use crate::work::fields::Fields as _;
use crate::{
    AnyWork, AttributeForm, Collection, CollectionType, CustomWork, Error, InternalId,
    TransformType, text,
};

/// Attributes of every work that hold a proxy with its private key: never kept.
const SECRETS: [&str; 2] = ["proxy", "original_proxy"];

/// Attribute of every work that an older version of the package sends, and that says nothing.
const ORIGIN: &str = "origin_metadata";

/// A work as it was read.
pub(super) struct DecodedWork {
    pub(super) work: AnyWork,
    pub(super) id: InternalId,
    /// Attributes that are no part of the definition.
    pub(super) added: Map<String, Value>,
    /// Why the work is no definition of its class, when this crate has one.
    pub(super) refusal: Option<Error>,
}

/// Reads a work.
pub(super) fn work(instance: &Instance<'_>) -> Result<DecodedWork, DecodeError> {
    let Instance {
        class,
        module,
        attributes: fields,
    } = instance;
    let decoder = class::find(class, &instance.v2_module());
    let id = fields.metadata()?.id("internal_id")?;
    let refusal = match decoder {
        None => None,
        Some(decoder) => {
            let (mut base, mut added) = base(fields, Some(decoder))?;
            restrict(&mut base, decoder.inherits, fields, &mut added);
            match (decoder.decode)(base, fields) {
                Ok(work) => {
                    return Ok(DecodedWork {
                        work,
                        id,
                        added,
                        refusal: None,
                    });
                }
                Err(Refusal::Unreadable(error)) => Some(Error::new(error.at(), error.message())),
                Err(Refusal::Refused(error)) => Some(error),
            }
        }
    };
    let (base, added) = base(fields, None)?;
    let mut work = CustomWork::builder(*class, *module);
    *work.work.base_mut() = base;
    if let Some(Member(work_type)) = fields.read::<Member<TransformType>>("work_type")? {
        work = work.work_type(work_type);
    }
    let work = work
        .build()
        .map_err(|error| DecodeError::refused(fields.at(), &error))?
        .into();
    Ok(DecodedWork {
        work,
        id,
        added,
        refusal,
    })
}

/// Reads what works of all classes have in common, but what their class reads itself.
fn base(
    fields: &Fields<'_>,
    decoder: Option<&Decoder>,
) -> Result<(Base, Map<String, Value>), DecodeError> {
    let (mut base, mut details) = (Base::standard(), Details::standard());
    base.decode(fields)?;
    details.decode(fields)?;
    // What the class says anyway was not set.
    let (exec_type, tag) =
        decoder.map_or(("local", None), |decoder| (decoder.exec_type, decoder.tag));
    details
        .exec_type
        .take_if(|given| given.as_text() == Some(exec_type));
    details.work_tag.take_if(|given| given.as_text() == tag);
    let added = attributes(
        fields,
        decoder.map_or(&[], |decoder| (decoder.own)()),
        decoder.map_or(&[], |decoder| decoder.further),
        &mut details.attributes,
    )?;
    base.details = details.into();
    Ok((base, added))
}

/// Takes away what definitions of most classes cannot say, because Python loses it or the server sets it by itself.
fn restrict(
    base: &mut Base,
    inherits: Inherits,
    fields: &Fields<'_>,
    added: &mut Map<String, Value>,
) {
    let mut keep = |name: &str| {
        if let Some(value) = fields.get(name).filter(|value| !is_blank(value)) {
            added.insert(name.to_owned(), value.clone());
        }
    };
    if inherits == Inherits::All {
        return;
    }
    if inherits == Inherits::Common {
        keep("work_tag");
        base.details.work_tag = None;
    }
    ["request_id", "username", "is_template"]
        .into_iter()
        .for_each(keep);
    base.template = false;
    let details = &mut base.details;
    details.work_name = None;
    details.request_id = None;
    details.username = None;
    // Classes of PanDA set it.
    details.release_inputs_after_submitting = false;
}

/// Reads the attributes of the user's own; returns those that the server keeps its state in.
fn attributes(
    fields: &Fields<'_>,
    own: &[&str],
    further: &[&str],
    attributes: &mut Vec<Attribute>,
) -> Result<Map<String, Value>, DecodeError> {
    let zipped: HashSet<String> = fields.or_default("_zip_items")?;
    let lazy: HashSet<String> = fields.or_default("_not_auto_unzip_items")?;
    let mut added = Map::new();
    for (name, value) in fields.iter() {
        let is_common = is_internal(name) || common_attributes().any(|common| common == name);
        let is_defined =
            is_common && !is_internal(name) && !Base::state().contains(&name) || name == ORIGIN;
        if own.contains(&name) || further.contains(&name) || SECRETS.contains(&name) || is_defined {
            continue;
        }
        if is_common || name.is_empty() || text::is_python_object(value) {
            if !is_blank(value) && !is_internal_of_definition(name) {
                added.insert(name.to_owned(), value.clone());
            }
            continue;
        }
        let form = match (zipped.contains(name), lazy.contains(name)) {
            (true, false) => AttributeForm::Compressed,
            (true, true) => AttributeForm::CompressedLazily,
            (false, _) => AttributeForm::Plain,
        };
        let value = if form == AttributeForm::Plain {
            value.clone()
        } else {
            fields.unzipped(name)?
        };
        attributes.push(Attribute {
            name: name.to_owned(),
            value,
            form,
        });
    }
    Ok(added)
}

fn is_internal(name: &str) -> bool {
    name.starts_with('_')
}

/// Tells whether the name is one of what every work has and its definition is read from.
fn is_internal_of_definition(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "_collections",
        "_primary_input_collection",
        "_primary_output_collection",
        "_other_input_collections",
        "_other_output_collections",
        "_zip_items",
        "_not_auto_unzip_items",
        "_loading",
        "_metadata",
    ];
    NAMES.contains(&name)
}

/// Tells whether a value says nothing: null, false, 0, or empty throughout.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(map) => map.values().all(is_blank),
    }
}

/// Whether the server appends run numbers to the names of the collections.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Input,
    Output,
}

impl Side {
    /// Reads the primary collection of this side, when there is one.
    pub(crate) fn primary(self, fields: &Fields<'_>) -> Result<Option<Collection>, DecodeError> {
        let name = match self {
            Self::Input => "_primary_input_collection",
            Self::Output => "_primary_output_collection",
        };
        let id = fields.read::<&str>(name)?;
        id.map(|id| collection(fields, name, id, self)).transpose()
    }

    /// Reads a list of collections.
    pub(crate) fn all(
        self,
        fields: &Fields<'_>,
        name: &str,
    ) -> Result<Vec<Collection>, DecodeError> {
        let ids: Vec<&str> = fields.or_default(name)?;
        ids.into_iter()
            .map(|id| collection(fields, name, id, self))
            .collect()
    }
}

/// Returns the ids of the collections that the work neither reads nor writes any more, in their order.
pub(crate) fn unused_collections<'a>(fields: &Fields<'a>) -> Result<Vec<&'a str>, DecodeError> {
    let mut used = HashSet::new();
    for name in ["_primary_input_collection", "_primary_output_collection"] {
        used.extend(fields.read::<&str>(name)?);
    }
    for name in [
        "_other_input_collections",
        "_other_output_collections",
        "log_collections",
    ] {
        used.extend(fields.or_default::<Vec<&str>>(name)?);
    }
    let ids = fields
        .members("_collections")?
        .into_iter()
        .map(|collection| collection.key);
    Ok(ids.filter(|id| !used.contains(id)).collect())
}

/// Reads the collection of this id; `name` is where the id stands.
pub(crate) fn collection(
    fields: &Fields<'_>,
    name: &str,
    id: &str,
    side: Side,
) -> Result<Collection, DecodeError> {
    let collections = fields.fields("_collections")?;
    let instance = collections
        .as_ref()
        .map(|collections| collections.instance(id))
        .transpose()?
        .flatten();
    let Some(instance) = instance else {
        return Err(fields.error(
            name,
            format_args!("{} is the id of no collection", excerpt(&id.into())),
        ));
    };
    let fields = &instance.attributes;
    let name: &str = fields.required("name")?;
    let name = match side {
        Side::Output if !instance.is_v1() => name::without_runs(name),
        Side::Input | Side::Output => name,
    };
    let coll_type: Option<Member<CollectionType>> = fields.metadata()?.read("coll_type")?;
    Collection::builder(fields.required::<String>("scope")?, name)
        .coll_type(coll_type.map_or(CollectionType::Dataset, |Member(coll_type)| coll_type))
        .metadata(fields.or_default("coll_metadata")?)
        .build()
        .map_err(|error| DecodeError::refused(fields.at(), &error))
}
