//! Random workflows on the wire, of objects as the Python package writes them.

use serde_json::{Map, Value, json};

use super::recorded;

/// Numbers that are the same for the same seed everywhere.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    /// Returns a number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Tells whether something happens that does in so many of a hundred cases.
    pub(super) fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Writes workflows.
pub(super) struct Writer {
    random: Random,
    work: Value,
    metadata: Value,
    next: u32,
}

/// A step that was written.
#[derive(Clone)]
struct Step {
    id: String,
    is_workflow: bool,
    object: Value,
    /// Works of a sub-workflow, with the workflow that they are in.
    inner: Vec<(String, String)>,
}

impl Writer {
    pub(super) fn new(seed: u64) -> Self {
        let workflow: Value = serde_json::from_str(&recorded("v2_sub_loop_links")).expect("JSON");
        let work = "/attributes/template/attributes/_works/00000007";
        Self {
            random: Random::new(seed),
            work: shortened(workflow.pointer(work).expect("a work").clone()),
            metadata: metadata_of(&workflow),
            next: 0,
        }
    }

    fn id(&mut self) -> String {
        self.next += 1;
        format!("{:08x}", self.next)
    }

    /// Writes a work with some of what the flow reads.
    fn work(&mut self) -> Step {
        let id = self.id();
        let mut object = self.work.clone();
        let attributes = &mut object["attributes"];
        for name in ["internal_id", "template_work_id", "work_name"] {
            attributes["_metadata"]["attributes"][name] = id.clone().into();
        }
        attributes["_metadata"]["attributes"]["work_id"] = Value::Null;
        attributes["task_name"] = format!("task.{id}").into();
        for collection in attributes["_collections"]
            .as_object_mut()
            .expect("some")
            .values_mut()
        {
            let name = collection["attributes"]["name"].as_str().expect("a name");
            collection["attributes"]["name"] = name.replace("test_work_3", &id).into();
        }
        if self.random.happens(30) {
            attributes["setup"] = format!("setup {id}").into();
        }
        if self.random.happens(40) {
            let value = self
                .random
                .one_of(&[json!(true), json!(1), json!("yes"), json!([1])])
                .clone();
            let kind = *self
                .random
                .one_of(&["and_custom_conditions", "or_custom_conditions"]);
            attributes[kind]["go_on"] = value;
            if self.random.happens(20) {
                attributes["and_custom_conditions"]["b"] = json!("first");
            }
        }
        Step {
            id,
            is_workflow: false,
            object,
            inner: Vec::new(),
        }
    }

    /// Writes a chain of works, or a work that all but the last one wait for, with the last one waiting for all of these.
    pub(super) fn large(count: usize, is_chain: bool) -> Value {
        let id = |place: usize| format!("{place:08x}");
        let asked = |place: usize| json!({ "idds_method": "is_finished", "idds_method_internal_id": id(place) });
        let module = "idds.workflowv2.workflow";
        let (mut works, mut conditions, mut order) = (Map::new(), Map::new(), Map::new());
        for place in 0..count {
            let metadata = json!({ "internal_id": id(place), "work_name": id(place) });
            let attributes = json!({ "_metadata": dict("DictMetadata", "", metadata) });
            _ = works.insert(id(place), dict("Work", "idds.workflowv2.work", attributes));
        }
        for place in 1..count {
            let before: Vec<usize> = match (is_chain, place + 1 == count) {
                (true, _) => vec![place - 1],
                (false, false) => vec![0],
                (false, true) => (1..place).collect(),
            };
            let name = format!("c{place}");
            for step in &before {
                append_to(&mut order, &id(*step), &name);
            }
            let members: Vec<Value> = before.into_iter().map(asked).collect();
            let attributes = json!({ "_conditions": members, "_true_works": [id(place)] });
            _ = conditions.insert(name, dict("AndCondition", module, attributes));
        }
        let template = json!({
            "_works": works,
            "_conditions": conditions,
            "_work_conds": order,
            "independent_works": [id(0)],
        });
        dict(
            "Workflow",
            module,
            json!({ "template": dict("WorkflowBase", module, template) }),
        )
    }

    /// Writes a workflow with everything that a flow can have.
    pub(super) fn workflow(&mut self) -> Value {
        self.nested(0).object
    }

    fn nested(&mut self, depth: usize) -> Step {
        let mut steps: Vec<Step> = Vec::new();
        for _ in 0..=self.random.below(5) {
            let is_workflow = self.random.happens([20, 6, 2, 0][depth]);
            let step = match is_workflow {
                true => self.nested(depth + 1),
                false => self.work(),
            };
            steps.push(step);
        }
        self.wait_for_outputs(&mut steps);
        let id = self.id();
        let mut independent: Vec<String> = steps.iter().map(|step| step.id.clone()).collect();
        let mut conditions = Map::new();
        let mut asked: Map<String, Value> = Map::new();
        for _ in 0..self.random.below(steps.len() + 2) {
            let mut pre = Vec::new();
            let mut next = Vec::new();
            let (id, condition) = self.condition(&steps, 0, &mut pre, &mut next);
            _ = conditions.insert(id.clone(), condition);
            for step in pre {
                let list = asked.entry(step).or_insert_with(|| json!([]));
                list.as_array_mut().expect("a list").push(id.clone().into());
            }
            independent.retain(|step| !next.contains(step));
        }
        let mut initial = Vec::new();
        if self.random.happens(30) {
            let works = steps.iter().filter(|step| !step.is_workflow);
            initial = works
                .filter(|_| self.random.happens(50))
                .map(|step| step.id.clone())
                .collect();
        }
        let loop_while =
            (depth > 0 && self.random.happens(35) || self.random.happens(15)).then(|| {
                let mut pre = Vec::new();
                self.predicate(&steps, 0, &mut pre)
            });
        let mut metadata = self.metadata.clone();
        if self.random.happens(25) {
            metadata["gp"] = json!({ "user_a": [1, [2], null], "user_b": "first" });
            if self.random.happens(50) {
                let name = self
                    .random
                    .one_of(&[Value::Null, json!("user_one")])
                    .clone();
                let index = self.random.below(4);
                metadata["sliced_gp"] = json!({ "user_a": { "name": name, "index": index } });
            }
        }
        let works: Map<String, Value> = steps
            .iter()
            .map(|step| (step.id.clone(), step.object.clone()))
            .collect();
        let mut inner = Vec::new();
        for step in &steps {
            match step.is_workflow {
                true => inner.extend(step.inner.iter().cloned()),
                false => inner.push((step.id.clone(), id.clone())),
            }
        }
        let condition = |mut condition: Value| {
            condition["attributes"]["_true_works"] = json!([]);
            condition["attributes"]["_false_works"] = json!([]);
            condition
        };
        let mut template = json!({
            "_works": works,
            "_conditions": conditions,
            "_work_conds": asked,
            "parameter_links": {},
            "parameter_links_source": {},
            "parameter_links_destination": {},
            "_metadata": dict("DictMetadata", "idds.common.dict_class", metadata),
            "internal_id": id.clone(),
            "template_work_id": id.clone(),
            "_name": format!("workflow {id}"),
            "initial_works": initial,
            "independent_works": independent,
            "_loop_condition": loop_while.map(condition),
            "build_work": null,
        });
        if depth == 0 && self.random.happens(5) {
            template["build_work"] = self.work().object;
        }
        let mut object = json!({
            "class": "Workflow",
            "module": "idds.workflowv2.workflow",
            "attributes": {
                "template": dict("WorkflowBase", "idds.workflowv2.workflow", template),
                "build_work": null,
                "parent_num_run": null,
                "_num_run": 0,
                "runs": {},
            },
        });
        if depth == 0 {
            self.links(&mut object, &inner, &id);
        }
        Step {
            id,
            is_workflow: true,
            object,
            inner,
        }
    }

    /// Has the jobs of some works wait for those of others, sometimes in a circle or for what nobody makes.
    fn wait_for_outputs(&mut self, steps: &mut [Step]) {
        let works: Vec<usize> = (0..steps.len())
            .filter(|step| !steps[*step].is_workflow)
            .collect();
        if works.len() < 2 || !self.random.happens(15) {
            return;
        }
        for step in &works {
            let mut tasks = Vec::new();
            for _ in 0..self.random.below(3) {
                tasks.push(match self.random.happens(5) {
                    true => "task.nobody".to_owned(),
                    false => format!("task.{}", steps[*self.random.one_of(&works)].id),
                });
            }
            tasks.sort();
            tasks.dedup();
            let object = &mut steps[*step].object;
            object["class"] = "DomaPanDAWork".into();
            object["module"] = "idds.doma.workflowv2.domapandawork".into();
            let jobs: Vec<Value> = tasks
                .iter()
                .map(|task| json!({ "task": task, "inputname": "x", "available": false }))
                .collect();
            object["attributes"]["_dependency_map"] =
                json!([{ "name": "job", "dependencies": jobs }]);
            object["attributes"]["dependency_tasks"] = Value::Null;
        }
    }

    /// Writes links between works, also from one workflow to another.
    fn links(&mut self, object: &mut Value, works: &[(String, String)], top: &str) {
        if works.len() < 2 || !self.random.happens(40) {
            return;
        }
        for _ in 0..=self.random.below(3) {
            let id = self.id();
            let (from, from_in) = self.random.one_of(works).clone();
            let (to, to_in) = self.random.one_of(works).clone();
            let sources = [
                "primary_output_collection",
                "primary_input_collection",
                "user_a",
                "user_out",
                "setup",
                "work_name",
                "output_data",
                "no_such_attribute",
                "get_work_name",
            ];
            let destinations = [
                "primary_input_collection",
                "setup",
                "arguments",
                "executable",
                "user_b",
                "not_there",
            ];
            let mut parameters = Map::new();
            for number in 0..=self.random.below(2) {
                let mut source = *self.random.one_of(&sources);
                let destination = *self.random.one_of(&destinations);
                if destination == "primary_input_collection" {
                    source = *self.random.one_of(&sources[..2]);
                }
                let link = json!({ "source": source, "destination": destination });
                _ = parameters.insert(number.to_string(), link);
            }
            let link = json!({
                "_metadata": dict("DictMetadata", "idds.common.dict_class", json!({})),
                "parameters": parameters,
                "num_parameters": 1,
                "internal_id": id,
                "template_id": id,
            });
            let place = |object: &mut Value, of: &str, act: &mut dyn FnMut(&mut Value)| {
                act(template_of(object, of, top).expect("a workflow"));
            };
            place(object, &from_in, &mut |template| {
                append(&mut template["parameter_links_source"], &from, &id);
            });
            place(object, &to_in, &mut |template| {
                template["parameter_links"][&id] =
                    dict("ParameterLink", "idds.workflowv2.workflow", link.clone());
                append(&mut template["parameter_links_destination"], &to, &id);
            });
        }
    }

    fn condition(
        &mut self,
        steps: &[Step],
        depth: usize,
        pre: &mut Vec<String>,
        next: &mut Vec<String>,
    ) -> (String, Value) {
        let mut condition = self.predicate(steps, 0, pre);
        let id = condition["attributes"]["internal_id"]
            .as_str()
            .expect("an id")
            .to_owned();
        for branch in ["_true_works", "_false_works"] {
            let count = match branch {
                "_true_works" => self.random.below(3),
                _ => usize::from(self.random.happens(20)),
            };
            let mut targets = Vec::new();
            for _ in 0..count {
                targets.push(if depth < 2 && self.random.happens(15) {
                    self.condition(steps, depth + 1, pre, next).1
                } else {
                    let step = self.random.one_of(steps).id.clone();
                    next.push(step.clone());
                    step.into()
                });
            }
            condition["attributes"][branch] = targets.into();
        }
        (id, condition)
    }

    fn predicate(&mut self, steps: &[Step], depth: usize, pre: &mut Vec<String>) -> Value {
        let id = self.id();
        let of_all = [
            "is_finished",
            "is_finished",
            "is_finished",
            "is_subfinished",
            "is_processed",
            "is_failed",
            "is_terminated",
            "is_terminated",
            "is_cancelled",
            "is_suspended",
            "is_expired",
        ];
        let of_works = [
            "is_started",
            "is_starting",
            "is_running",
            "is_initialized",
            "get_custom_condition_status",
            "get_custom_condition_status",
            "get_not_custom_condition_status",
        ];
        let mut members = Vec::new();
        for _ in 0..=self.random.below(3) {
            if depth < 2 && self.random.happens(10) {
                let method = *self
                    .random
                    .one_of(&["is_condition_true", "is_condition_false"]);
                let inner = self.predicate(steps, depth + 1, pre);
                members.push(json!({ "idds_method": method, "idds_method_condition": inner }));
                continue;
            }
            let step = self.random.one_of(steps);
            let method = match !step.is_workflow && self.random.happens(40) {
                true => *self.random.one_of(&of_works),
                false => *self.random.one_of(&of_all),
            };
            pre.push(step.id.clone());
            members.push(json!({ "idds_method": method, "idds_method_internal_id": step.id }));
        }
        let is_any = self.random.happens(40);
        let class = if is_any {
            "OrCondition"
        } else {
            "AndCondition"
        };
        let name = if is_any { "Or" } else { "And" };
        let operator = json!({ "_value_": u8::from(is_any), "_name_": name });
        dict(
            class,
            "idds.workflowv2.workflow",
            json!({
                "_conditions": members,
                "_true_works": [],
                "_false_works": [],
                "_metadata": dict("DictMetadata", "idds.common.dict_class", json!({})),
                "internal_id": id,
                "template_id": id,
                "operator": dict("ConditionOperator", "idds.workflowv2.workflow", operator),
            }),
        )
    }
}

/// Leaves out what Python's constructors set anyway, as tests of many workflows are slow otherwise.
fn shortened(mut work: Value) -> Value {
    let attributes = work["attributes"].as_object_mut().expect("attributes");
    attributes.retain(|name, _| {
        let kept = [
            "_collections",
            "_metadata",
            "executable",
            "setup",
            "arguments",
        ];
        kept.contains(&name.as_str())
            || name.starts_with("_primary_")
            || name.ends_with("_custom_conditions")
    });
    for collection in attributes["_collections"]
        .as_object_mut()
        .expect("some")
        .values_mut()
    {
        let attributes = collection["attributes"]
            .as_object_mut()
            .expect("attributes");
        attributes.retain(|name, _| ["scope", "name", "_metadata"].contains(&name.as_str()));
    }
    work
}

/// Returns the metadata of a workflow that has not begun.
fn metadata_of(workflow: &Value) -> Value {
    let metadata = "/attributes/template/attributes/_metadata/attributes";
    let mut metadata = workflow.pointer(metadata).expect("metadata").clone();
    metadata["works"] = json!({});
    metadata["conditions"] = json!({});
    metadata
}

/// Returns an object of a Python class.
pub(super) fn dict(class: &str, module: &str, attributes: Value) -> Value {
    json!({ "class": class, "module": module, "attributes": attributes })
}

fn append(lists: &mut Value, key: &str, item: &str) {
    let list = &mut lists[key];
    if list.is_null() {
        *list = json!([]);
    }
    list.as_array_mut().expect("a list").push(item.into());
}

fn append_to(lists: &mut Map<String, Value>, key: &str, item: &str) {
    let list = lists.entry(key).or_insert_with(|| json!([]));
    list.as_array_mut().expect("a list").push(item.into());
}

/// Finds the template of a workflow in a tree of them.
fn template_of<'a>(object: &'a mut Value, id: &str, own: &str) -> Option<&'a mut Value> {
    let template = &mut object["attributes"]["template"]["attributes"];
    if id == own {
        return Some(template);
    }
    let works = template["_works"].as_object_mut()?;
    works.iter_mut().find_map(|(inner, work)| {
        (work["class"] == "Workflow")
            .then(|| template_of(work, id, inner))
            .flatten()
    })
}
