//! The recorded calls, made again through the builders.

use std::collections::HashMap;

use idds::workflow::{
    AnyWork, Branch, Collection, Condition, Days, Number, ParameterLink, Predicate, State, Step, StepRef, Workflow,
    WorkflowClass, WorkloadId, all, any, when,
};
use serde_json::{Map, Value};

use super::{Failure, to, works};

/// What the steps of a case have made.
#[derive(Default)]
pub(super) struct Program {
    objects: HashMap<String, Object>,
}

/// An object: its class, and the values that the constructor, setters and assignments were given.
#[derive(Default)]
pub(super) struct Object {
    pub(super) class: String,
    pub(super) settings: Map<String, Value>,
    /// Calls that add something, with their positional and named arguments.
    pub(super) calls: Vec<(String, Vec<Value>, Map<String, Value>)>,
}

impl Program {
    pub(super) fn run(steps: &Value) -> Result<Self, Failure> {
        let mut program = Self::default();
        for step in steps.as_array().ok_or("no steps")? {
            let text = |key: &str| step[key].as_str().ok_or_else(|| format!("a step without {key}: {step}"));
            match text("op")? {
                "new" => {
                    let object =
                        Object { class: text("class")?.to_owned(), settings: to(&step["args"])?, ..Object::default() };
                    program.objects.insert(text("var")?.to_owned(), object);
                }
                "call" => {
                    let arguments = step["args"].as_array().cloned().unwrap_or_default();
                    let named = step["kwargs"].as_object().cloned().unwrap_or_default();
                    program.object_mut(text("on")?)?.calls.push((text("method")?.to_owned(), arguments, named));
                }
                "set" => {
                    let object = program.object_mut(text("on")?)?;
                    object.settings.insert(text("attr")?.to_owned(), step["value"].clone());
                }
                other => return Err(format!("no step {other}").into()),
            }
        }
        Ok(program)
    }

    fn object_mut(&mut self, variable: &str) -> Result<&mut Object, Failure> {
        self.objects.get_mut(variable).ok_or_else(|| format!("no variable {variable}").into())
    }

    fn object(&self, variable: &str) -> Result<&Object, Failure> {
        self.objects.get(variable).ok_or_else(|| format!("no variable {variable}").into())
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().map(String::as_str)
    }

    pub(super) fn is_work(&self, variable: &str) -> bool {
        self.object(variable).is_ok_and(|object| object.class.ends_with("Work"))
    }

    pub(super) fn is_workflow(&self, variable: &str) -> bool {
        self.object(variable).is_ok_and(|object| object.class.ends_with("Workflow"))
    }

    pub(super) fn is_collection(&self, variable: &str) -> bool {
        self.object(variable).is_ok_and(|object| object.class == "Collection")
    }

    pub(super) fn collection(&self, variable: &str) -> Result<Collection, Failure> {
        let mut value = self.object(variable)?.settings.clone();
        let (coll_type, metadata) = (value.remove("coll_type"), value.remove("coll_metadata"));
        value.extend(coll_type.map(|coll_type| ("type".to_owned(), coll_type)));
        value.extend(metadata.map(|metadata| to::<Map<_, _>>(&metadata)).transpose()?.unwrap_or_default());
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
        for (name, value) in &object.settings {
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
                "max_processing_requests" => workflow.max_processing_requests(to(value)?),
                other => return Err(format!("no setter for {other} of a workflow").into()),
            };
        }
        for (method, arguments, named) in &object.calls {
            let first = arguments.first().unwrap_or(&Value::Null);
            let variable = first["$ref"].as_str().unwrap_or_default();
            workflow = match method.as_str() {
                "set_workload_id" => workflow.workload_id(to::<WorkloadId>(first)?),
                "add_work" => {
                    let step: Step = match self.is_workflow(variable) {
                        true => self.workflow(variable)?.into(),
                        false => self.work(variable)?.into(),
                    };
                    let step = workflow.add(variable, step);
                    let is = |flag: &str| named.get(flag) == Some(&Value::Bool(true));
                    match (is("initial"), is("initial") && is("primary")) {
                        (true, true) => workflow.initial(&step).primary(&step),
                        (true, false) => workflow.initial(&step),
                        (false, _) => workflow,
                    }
                }
                "add_condition" => workflow.condition(self.condition(variable)?),
                "add_loop_condition" => workflow.loop_while(self.condition(variable)?.predicate().clone()),
                "add_build_work" => workflow.build_with(self.work(variable)?),
                "set_global_parameters" => workflow.global_parameters(to(first)?),
                "set_sliced_global_parameters" => {
                    let source = named["source"].as_str().unwrap_or_default();
                    workflow.slice(source, to(&named["index"])?, named.get("name").and_then(Value::as_str))
                }
                "add_parameter_link" => {
                    let link = &self.object(arguments[2]["$ref"].as_str().unwrap_or_default())?.settings["parameters"];
                    let destinations = match &arguments[1] {
                        Value::Array(destinations) => destinations.clone(),
                        single => vec![single.clone()],
                    };
                    let destinations = destinations.iter().map(|destination| self.path(object, destination));
                    let mut link_between =
                        ParameterLink::between(self.path(object, first)?, destinations.collect::<Result<Vec<_>, _>>()?);
                    for pair in link.as_array().ok_or("a list of parameters")? {
                        link_between = match pair.as_str() {
                            Some(name) => link_between.parameter(name),
                            None => {
                                link_between.rename(to::<String>(&pair["source"])?, to::<String>(&pair["destination"])?)
                            }
                        };
                    }
                    workflow.link(link_between)
                }
                other => return Err(format!("no builder call for {other}").into()),
            };
        }
        Ok(workflow.build()?)
    }

    /// The reference to a work that is a step of the workflow, or of one of its sub-workflows.
    fn path(&self, workflow: &Object, variable: &Value) -> Result<StepRef, Failure> {
        let variable = variable["$ref"].as_str().ok_or("a reference")?;
        for (method, arguments, _) in &workflow.calls {
            let Some(step) =
                arguments.first().and_then(|first| first["$ref"].as_str()).filter(|_| method == "add_work")
            else {
                continue;
            };
            if step == variable {
                return Ok(StepRef::new(step));
            }
            if self.is_workflow(step)
                && let Ok(inner) = self.path(self.object(step)?, &serde_json::json!({ "$ref": variable }))
            {
                return Ok(StepRef::new(step).step(inner.as_str()));
            }
        }
        Err(format!("{variable} is no step").into())
    }

    fn condition(&self, variable: &str) -> Result<Condition, Failure> {
        let Object { class, settings, .. } = self.object(variable)?;
        let mut condition = match class.as_str() {
            "Condition" => when(self.predicate(&settings["cond"])?),
            "AndCondition" => when(all(self.predicates(&settings["conditions"])?)),
            "OrCondition" => when(any(self.predicates(&settings["conditions"])?)),
            "CompositeCondition" if settings["operator"]["$enum"][1] == "Or" => {
                when(any(self.predicates(&settings["conditions"])?)).composite()
            }
            "CompositeCondition" => when(all(self.predicates(&settings["conditions"])?)).composite(),
            other => return Err(format!("no condition {other}").into()),
        };
        for (names, is_true) in [(["true_work", "true_works"], true), (["false_work", "false_works"], false)] {
            let branches = names.iter().filter_map(|name| settings.get(*name)).flat_map(|branches| match branches {
                Value::Array(branches) => branches.clone(),
                single => vec![single.clone()],
            });
            for branch in branches.filter(|branch| !branch.is_null()) {
                let variable = branch["$ref"].as_str().ok_or("a reference")?;
                let branch: Branch = match self.object(variable)?.class.ends_with("Condition") {
                    true => self.condition(variable)?.into(),
                    false => StepRef::new(variable).into(),
                };
                condition = if is_true { condition.then(branch) } else { condition.otherwise(branch) };
            }
        }
        Ok(condition)
    }

    fn predicates(&self, methods: &Value) -> Result<Vec<Predicate>, Failure> {
        methods.as_array().ok_or("a list of methods")?.iter().map(|method| self.predicate(method)).collect()
    }

    fn predicate(&self, method: &Value) -> Result<Predicate, Failure> {
        let name = |index: usize| method["$method"][index].as_str().ok_or("a method");
        if name(1)? == "is_condition_true" {
            return Ok(self.condition(name(0)?)?.predicate().clone());
        }
        let state = State::ALL.iter().find(|state| Ok(state.method()) == name(1)).ok_or("a known method")?;
        Ok(Predicate::Is(StepRef::new(name(0)?), *state))
    }
}
