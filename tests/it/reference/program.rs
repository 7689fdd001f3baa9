//! The recorded calls, made again through the builders.

use std::collections::{HashMap, HashSet};

use idds::workflow::{
    AnyWork, AttributeForm, Branch, Collection, Condition, Days, Literal, Number, ParameterLink,
    Predicate, Step, StepRef, Workflow, WorkflowClass, WorkloadId, all, any, nested, when,
};
use serde_json::{Map, Value};

use super::{Failure, to, works};

/// What the steps of a case have made.
#[derive(Default)]
pub(super) struct Program {
    objects: HashMap<String, Object>,
}

/// An object: its class, and the values that it has been given, in their order.
#[derive(Default)]
pub(super) struct Object {
    pub(super) class: String,
    pub(super) settings: Map<String, Value>,
    /// Names of settings that were assigned, not given to the constructor: they may be any.
    assigned: HashSet<String>,
    /// Calls that add something, with their arguments.
    pub(super) calls: Vec<(String, Arguments)>,
}

/// Arguments of a call, by position or by name.
#[derive(Default)]
pub(super) struct Arguments {
    positional: Vec<Value>,
    named: Map<String, Value>,
}

impl Arguments {
    fn of(step: &Value) -> Self {
        Self {
            positional: step["args"].as_array().cloned().unwrap_or_default(),
            named: step["kwargs"].as_object().cloned().unwrap_or_default(),
        }
    }

    /// The argument at a position, which has a name as well; null when it is not given.
    pub(super) fn get(&self, position: usize, name: &str) -> &Value {
        self.positional
            .get(position)
            .or_else(|| self.named.get(name))
            .unwrap_or(&Value::Null)
    }

    fn is_true(&self, position: usize, name: &str) -> bool {
        *self.get(position, name) == Value::Bool(true)
    }
}

impl Object {
    /// An object of a class, made with these arguments. Those that the constructor of the class loses are gone.
    pub(super) fn new(class: &str, arguments: Map<String, Value>) -> Self {
        let mut settings = arguments;
        settings.retain(|name, _| !is_lost(class, name));
        if let ("ATLASHPOWork" | "ATLASActuatorWork", Some(Value::Object(given))) =
            (class, settings.get("agent_attributes"))
        {
            let own = given
                .get(&class.to_lowercase())
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            let kept = if class == "ATLASHPOWork" {
                Map::new()
            } else {
                given.clone()
            };
            settings.insert(
                "agent_attributes".to_owned(),
                kept.into_iter().chain(own).collect(),
            );
        }
        Self {
            class: class.to_owned(),
            settings,
            ..Self::default()
        }
    }

    fn assign(&mut self, name: &str, value: Value) {
        self.settings.insert(name.to_owned(), value);
        self.assigned.insert(name.to_owned());
    }

    /// Adds what a setting is a list of.
    fn add(&mut self, name: &str, value: &Value) {
        let items = [self.setting(name), value].map(list).concat();
        self.settings.insert(name.to_owned(), items.into());
    }

    fn call(&mut self, method: &str, arguments: Arguments) {
        let first = |name| arguments.get(0, name).clone();
        match method {
            "set_arguments" => self.assign("arguments", first("arguments")),
            "set_parameters" => self.assign("parameters", first("parameters")),
            "set_work_name" => self.assign("work_name", first("work_name")),
            "set_request_id" => self.assign("request_id", first("request_id")),
            "set_primary_input_collection" => {
                self.assign("primary_input_collection", first("coll"));
            }
            "set_primary_output_collection" => {
                self.assign("primary_output_collection", first("coll"));
            }
            "add_other_input_collections" => self.add("other_input_collections", &first("colls")),
            "add_other_output_collections" => self.add("other_output_collections", &first("colls")),
            "add_log_collections" => self.add("log_collections", &first("colls")),
            "set_agent_attributes" => {
                let own = first("attrs")[self.class.to_lowercase()]
                    .as_object()
                    .cloned()
                    .unwrap_or_default();
                let given = self
                    .settings
                    .get("agent_attributes")
                    .and_then(Value::as_object)
                    .cloned();
                self.assign(
                    "agent_attributes",
                    given.unwrap_or_default().into_iter().chain(own).collect(),
                );
            }
            "add_condition" if self.class.ends_with("Condition") => {
                self.add("conditions", &first("cond"));
            }
            _ => self.calls.push((method.to_owned(), arguments)),
        }
    }

    /// A setting; null when it was not given.
    fn setting(&self, name: &str) -> &Value {
        self.settings.get(name).unwrap_or(&Value::Null)
    }

    /// Whether the setting was assigned, not given to the constructor.
    pub(super) fn is_assigned(&self, name: &str) -> bool {
        self.assigned.contains(name)
    }

    /// How an attribute of the user's own is sent.
    pub(super) fn form(&self, name: &str) -> AttributeForm {
        let is_among = |names: &str| {
            self.settings
                .get(names)
                .and_then(Value::as_array)
                .is_some_and(|names| names.contains(&name.into()))
        };
        match (is_among("zip_items"), is_among("not_auto_unzip_items")) {
            (true, true) => AttributeForm::CompressedLazily,
            (true, false) => AttributeForm::Compressed,
            (false, _) => AttributeForm::Plain,
        }
    }
}

/// What stands for several values: a list or tuple of them, one alone, or null for none.
fn list(value: &Value) -> Vec<Value> {
    match value.get("$tuple").unwrap_or(value) {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        single => vec![single.clone()],
    }
}

/// Whether the constructor of a class takes an argument and does nothing with it.
fn is_lost(class: &str, argument: &str) -> bool {
    match class {
        _ if ["logger", "loading"].contains(&argument) => true,
        "DataWork" | "ProcessingWork" => [
            "work_tag",
            "request_id",
            "work_name",
            "username",
            "is_template",
            "release_inputs_after_submitting",
        ]
        .contains(&argument),
        "ATLASActuatorWork" => ["work_tag", "name", "workload_id"].contains(&argument),
        "ATLASStageinWork" | "ATLASHPOWork" | "ATLASCondorWork" | "DomaDataWork"
        | "DomaRucioWork" => argument == "work_tag",
        _ => false,
    }
}

/// Makes the integer of a setting that the constructors of v2 make: of `None` and nothing the one that is usual.
fn made_integer(arguments: &mut Map<String, Value>, name: &str) -> Result<(), Failure> {
    let Some(value) = arguments.get_mut(name) else {
        return Ok(());
    };
    match value {
        Value::Null => drop(arguments.shift_remove(name)),
        Value::String(digits) => *value = digits.parse::<i64>()?.into(),
        other => {
            *other = other
                .as_f64()
                .map(|number| number as i64)
                .ok_or("a number")?
                .into();
        }
    }
    Ok(())
}

impl Program {
    pub(super) fn run(inputs: &Value) -> Result<Self, Failure> {
        let mut program = Self::default();
        for step in inputs["steps"].as_array().ok_or("no steps")? {
            let text = |key: &str| {
                step[key]
                    .as_str()
                    .ok_or_else(|| format!("a step without {key}: {step}"))
            };
            match text("op")? {
                "new" => {
                    let mut arguments = step["args"].as_object().cloned().unwrap_or_default();
                    if inputs["family"] == "v2" && text("class")?.starts_with("DomaPanDA") {
                        ["maxattempt", "core_count"]
                            .into_iter()
                            .try_for_each(|name| made_integer(&mut arguments, name))?;
                    }
                    program.objects.insert(
                        text("var")?.to_owned(),
                        Object::new(text("class")?, arguments),
                    );
                }
                "call" => program
                    .object_mut(text("on")?)?
                    .call(text("method")?, Arguments::of(step)),
                "set" => program
                    .object_mut(text("on")?)?
                    .assign(text("attr")?, step["value"].clone()),
                other => return Err(format!("no step {other}").into()),
            }
        }
        Ok(program)
    }

    fn object_mut(&mut self, variable: &str) -> Result<&mut Object, Failure> {
        self.objects
            .get_mut(variable)
            .ok_or_else(|| format!("no variable {variable}").into())
    }

    fn object(&self, variable: &str) -> Result<&Object, Failure> {
        self.objects
            .get(variable)
            .ok_or_else(|| format!("no variable {variable}").into())
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().map(String::as_str)
    }

    pub(super) fn is_work(&self, variable: &str) -> bool {
        self.object(variable)
            .is_ok_and(|object| object.class.ends_with("Work"))
    }

    pub(super) fn is_workflow(&self, variable: &str) -> bool {
        self.object(variable)
            .is_ok_and(|object| object.class.ends_with("Workflow"))
    }

    pub(super) fn is_collection(&self, variable: &str) -> bool {
        self.object(variable)
            .is_ok_and(|object| object.class == "Collection")
    }

    pub(super) fn collection(&self, variable: &str) -> Result<Collection, Failure> {
        let mut value = self.object(variable)?.settings.clone();
        let (coll_type, metadata) = (value.remove("coll_type"), value.remove("coll_metadata"));
        value.extend(coll_type.map(|coll_type| ("type".to_owned(), coll_type)));
        value.extend(
            metadata
                .map(|metadata| to::<Map<_, _>>(&metadata))
                .transpose()?
                .unwrap_or_default(),
        );
        works::collection(&value.into())
    }

    pub(super) fn work(&self, variable: &str) -> Result<AnyWork, Failure> {
        works::work(self.object(variable)?)
    }

    pub(super) fn workflow(&self, variable: &str) -> Result<Workflow, Failure> {
        let object = self.object(variable)?;
        let mut workflow = Workflow::builder();
        workflow = match object.class.as_str() {
            "SubWorkflow" => workflow.class(WorkflowClass::SubWorkflow),
            "LoopWorkflow" => workflow.class(WorkflowClass::LoopWorkflow),
            _ => workflow,
        };
        let is_given =
            |name: &str, value: &Value| !value.is_null() || name == "max_processing_requests";
        for (name, value) in object
            .settings
            .iter()
            .filter(|(name, value)| is_given(name, value))
        {
            workflow = match name.as_str() {
                "name" => workflow.name(to::<String>(value)?),
                "workload_id" => workflow.workload_id(to::<WorkloadId>(value)?),
                "lifetime" => workflow.lifetime(Days::new(to::<Number>(value)?)),
                "pending_time" => workflow.pending_time(Days::new(to::<Number>(value)?)),
                "username" => workflow.username(to::<String>(value)?),
                "userdn" => workflow.user_dn(to::<String>(value)?),
                "campaign" => workflow.campaign(to::<String>(value)?),
                "campaign_scope" => workflow.campaign_scope(to::<String>(value)?),
                "campaign_group" => workflow.campaign_group(to::<String>(value)?),
                "campaign_tag" => workflow.campaign_tag(to::<String>(value)?),
                "max_processing_requests" => {
                    workflow.max_processing_requests(to::<Literal>(value)?)
                }
                other => return Err(format!("no setter for {other} of a workflow").into()),
            };
        }
        for (method, arguments) in &object.calls {
            let variable = |name| arguments.get(0, name)["$ref"].as_str().unwrap_or_default();
            workflow = match method.as_str() {
                "set_workload_id" => {
                    workflow.workload_id(to::<WorkloadId>(arguments.get(0, "workload_id"))?)
                }
                "add_work" => {
                    let variable = variable("work");
                    let step: Step = match self.is_workflow(variable) {
                        true => self.workflow(variable)?.into(),
                        false => self.work(variable)?.into(),
                    };
                    let step = workflow.add(variable, step);
                    match (
                        arguments.is_true(1, "initial"),
                        arguments.is_true(2, "primary"),
                    ) {
                        (true, true) => workflow.initial(&step).primary(&step),
                        (true, false) => workflow.initial(&step),
                        (false, _) => workflow,
                    }
                }
                "add_condition" => workflow.condition(self.condition(variable("cond"))?),
                "add_loop_condition" => {
                    workflow.loop_while(self.condition(variable("condition"))?.predicate().clone())
                }
                "add_build_work" => workflow.build_with(self.work(variable("work"))?),
                "set_global_parameters" => {
                    workflow.global_parameters(to(arguments.get(0, "value"))?)
                }
                // It does nothing for v1.
                "set_sliced_global_parameters" => {
                    let (source, index) = (
                        to::<String>(arguments.get(0, "source"))?,
                        arguments.get(2, "index"),
                    );
                    let index = if index.is_null() { 0 } else { to(index)? };
                    workflow.slice(source, index, arguments.get(1, "name").as_str())
                }
                "add_parameter_link" => workflow.link(self.link(object, arguments)?),
                other => return Err(format!("no builder call for {other}").into()),
            };
        }
        Ok(workflow.build()?)
    }

    fn link(&self, workflow: &Object, arguments: &Arguments) -> Result<ParameterLink, Failure> {
        let source = self.path(workflow, arguments.get(0, "work_source"))?;
        let destinations = list(arguments.get(1, "work_destinations"));
        let destinations = destinations
            .iter()
            .map(|destination| self.path(workflow, destination));
        let mut link = ParameterLink::between(source, destinations.collect::<Result<Vec<_>, _>>()?);
        let variable = arguments.get(2, "parameter_link")["$ref"]
            .as_str()
            .unwrap_or_default();
        for pair in list(self.object(variable)?.setting("parameters")) {
            link = match pair.as_str() {
                Some(name) => link.parameter(name),
                None => link.rename(
                    to::<String>(&pair["source"])?,
                    to::<String>(&pair["destination"])?,
                ),
            };
        }
        Ok(link)
    }

    /// The reference to a work that is a step of the workflow, or of one of its sub-workflows.
    fn path(&self, workflow: &Object, variable: &Value) -> Result<StepRef, Failure> {
        let variable = variable["$ref"].as_str().ok_or("a reference")?;
        for (_, arguments) in workflow
            .calls
            .iter()
            .filter(|(method, _)| method == "add_work")
        {
            let Some(step) = arguments.get(0, "work")["$ref"].as_str() else {
                continue;
            };
            if step == variable {
                return Ok(StepRef::new(step));
            }
            if self.is_workflow(step)
                && let Ok(inner) =
                    self.path(self.object(step)?, &serde_json::json!({ "$ref": variable }))
            {
                return Ok(StepRef::new(step).step(inner.as_str()));
            }
        }
        Err(format!("{variable} is no step").into())
    }

    fn condition(&self, variable: &str) -> Result<Condition, Failure> {
        let object = self.object(variable)?;
        let members = || self.predicates(object.setting("conditions"));
        let mut condition = match object.class.as_str() {
            "Condition" | "TemplateCondition" => {
                when(match self.predicate(object.setting("cond"))? {
                    operator @ (Predicate::All(_) | Predicate::Any(_)) => nested(operator),
                    single => single,
                })
            }
            "AndCondition" => when(all(members()?)),
            "OrCondition" => when(any(members()?)),
            "CompositeCondition" if object.setting("operator")["$enum"][1] == "Or" => {
                when(any(members()?)).composite()
            }
            "CompositeCondition" => when(all(members()?)).composite(),
            other => return Err(format!("no condition {other}").into()),
        };
        if object.class == "TemplateCondition" {
            condition = condition.template();
        }
        for (names, is_true) in [
            (["true_work", "true_works"], true),
            (["false_work", "false_works"], false),
        ] {
            let branches = names.iter().flat_map(|name| list(object.setting(name)));
            for branch in branches.filter(|branch| !branch.is_null()) {
                let variable = branch["$ref"].as_str().ok_or("a reference")?;
                let branch: Branch = match self.object(variable)?.class.ends_with("Condition") {
                    true => self.condition(variable)?.into(),
                    false => StepRef::new(variable).into(),
                };
                condition = if is_true {
                    condition.then(branch)
                } else {
                    condition.otherwise(branch)
                };
            }
        }
        Ok(condition)
    }

    fn predicates(&self, methods: &Value) -> Result<Vec<Predicate>, Failure> {
        list(methods)
            .iter()
            .map(|method| self.predicate(method))
            .collect()
    }

    fn predicate(&self, method: &Value) -> Result<Predicate, Failure> {
        let name = |index: usize| method["$method"][index].as_str().ok_or("a method");
        let inner = || Ok::<_, Failure>(self.condition(name(0)?)?.predicate().clone());
        Ok(match name(1)? {
            "is_condition_false" => Predicate::Not(Box::new(inner()?)),
            // An operator inside another one is a condition of its own anyway.
            "is_condition_true" => match inner()? {
                operator @ (Predicate::All(_) | Predicate::Any(_)) => operator,
                single => nested(single),
            },
            method => StepRef::new(name(0)?).method(method),
        })
    }
}
