//! Ids of objects, and where they are noted.

use super::*;

/// Returns the ids of all objects inside a payload, in the order in which they stand there.
fn object_ids(value: &Value, ids: &mut Vec<u64>) -> Result<(), Failure> {
    if let Some(id) = value.get("internal_id").and_then(Value::as_str) {
        ids.push(u64::from_str_radix(id, 16)?);
    }
    match value {
        Value::Object(map) => map.values().try_for_each(|value| object_ids(value, ids)),
        Value::Array(items) => items.iter().try_for_each(|value| object_ids(value, ids)),
        _ => Ok(()),
    }
}

/// Works, collections, conditions inside predicates and branches, loops, links, sub-workflows and build works: none shares
/// its id with another one, and no id is left out, so that what comes after them is counted from the right place.
#[test]
fn every_object_has_an_id_of_its_own() -> Result<(), Failure> {
    let mut most = 0;
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let workflow = if seed % 10 == 0 {
            dice.linked_workflow()?
        } else {
            dice.workflow(2)?
        };
        let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1);
        let mut ids = Vec::new();
        object_ids(
            &serde_json::to_value(Encoded::new(&workflow, &stamp))?,
            &mut ids,
        )?;
        ids.sort_unstable();
        // A link stands in every workflow that it has an end in.
        if seed % 10 == 0 {
            ids.dedup();
        }
        assert_eq!(
            ids,
            (1..=ids.len() as u64).collect::<Vec<_>>(),
            "seed {seed}"
        );
        most = most.max(ids.len());
    }
    assert!(most > 50, "the largest has {most} objects");
    Ok(())
}

/// Encodes a workflow, changes the text, and returns it with what reading and writing it again makes of it.
fn changed(
    workflow: &Workflow,
    from: &str,
    to: &str,
) -> Result<(Value, Result<Value, wire::DecodeError>), Failure> {
    let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1);
    let text = serde_json::to_string(&Encoded::new(workflow, &stamp))?;
    assert!(text.contains(from), "{from}: {text}");
    let changed: Value = serde_json::from_str(&text.replacen(from, to, 1))?;
    let again = wire::decode(&changed)
        .map(|decoded| serde_json::to_value(Encoded::new(&decoded.workflow, &stamp)));
    Ok((changed, again.map(|written| written.expect("JSON"))))
}

#[test]
fn a_template_condition_and_the_number_of_an_event_stay_what_they_are() -> Result<(), Failure> {
    let mut workflow = Workflow::builder();
    let [a, b] = ["a", "b"].map(|name| workflow.add(name, Work::empty().build().expect("a work")));
    let workflow = workflow.condition(when(a.is_finished()).then(&b)).build()?;
    let (changed_class, again) = changed(
        &workflow,
        r#""class":"Condition""#,
        r#""class":"TemplateCondition""#,
    )?;
    assert_eq!(again?, changed_class);
    let again = Workflow::from_json(&wire::decode(&changed_class)?.workflow.to_json())?;
    assert_eq!(again, wire::decode(&changed_class)?.workflow);

    let event = Event::new(1).after(EventDependency::new("t", "j", 0));
    let work = DomaPanDAESWork::builder("t")
        .job(EventJob::new("j").event(Event::new(0)).event(event))
        .build()?;
    let workflow = Workflow::builder().work(work).build()?;
    let (changed_index, again) = changed(&workflow, r#""event_index":"0""#, r#""event_index":0"#)?;
    assert_eq!(again?, changed_index);
    let again = Workflow::from_json(&wire::decode(&changed_index)?.workflow.to_json())?;
    assert_eq!(again, wire::decode(&changed_index)?.workflow);
    Ok(())
}

#[test]
fn conditions_of_one_branch_are_noted_under_their_own_ids() -> Result<(), Failure> {
    let mut workflow = Workflow::builder();
    let [a, b] = ["a", "b"].map(|name| workflow.add(name, Work::empty().build().expect("a work")));
    let inner = || when(a.is_failed()).then(&b);
    let outer = when(a.is_finished())
        .then(inner())
        .then(inner())
        .otherwise(inner())
        .otherwise(inner())
        .otherwise(inner());
    let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1);
    let payload = serde_json::to_value(Encoded::new(&workflow.condition(outer).build()?, &stamp))?;
    let conditions = payload["attributes"]["template"]["attributes"]["_conditions"]
        .as_object()
        .ok_or("conditions")?;
    let attributes = &conditions.values().next().ok_or("a condition")?["attributes"];
    for (side, count) in [("true_works", 2), ("false_works", 3)] {
        let branches = attributes[format!("_{side}")]
            .as_array()
            .ok_or("branches")?;
        let ids: Vec<_> = branches
            .iter()
            .filter_map(|branch| branch["attributes"]["internal_id"].as_str())
            .collect();
        let noted = attributes["_metadata"]["attributes"][side]
            .as_object()
            .ok_or("what was released")?;
        assert_eq!(
            (
                ids.len(),
                noted.keys().map(String::as_str).collect::<Vec<_>>()
            ),
            (count, ids),
            "{side}"
        );
    }
    Ok(())
}

#[test]
fn what_only_a_remedy_adds_stands_nowhere_else() -> Result<(), Failure> {
    let work = Work::empty().build()?;
    let workflow = Workflow::builder().name("demo").work(work).build()?;
    let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1);
    let has_name = |text: String| text.contains("\"task_name\"");
    let plain = Submission::new(&workflow, &stamp);
    assert!(has_name(serde_json::to_string(&plain)?));
    assert!(!has_name(serde_json::to_string(
        &plain.clone().remedies(Remedies::Omit)
    )?));
    assert!(!has_name(serde_json::to_string(
        &Encoded::new(&workflow, &stamp)
            .remedies(Remedies::Add)
            .family(wire::Family::V1)
    )?));
    // The request has the name of the workflow, or one that was made up, or that of the data it begins with.
    assert_eq!(
        (plain.name(), serde_json::to_value(&plain)?["site"].clone()),
        ("demo".into(), Value::Null)
    );
    let reads = Workflow::builder()
        .work(
            Work::empty()
                .input(Collection::new("user.me", "data")?)
                .build()?,
        )
        .build()?;
    let named = serde_json::to_value(Submission::new(&reads, &stamp).use_dataset_name())?;
    assert_eq!(
        (&named["scope"], &named["name"]),
        (&json!("user.me"), &json!("data"))
    );
    let nameless = Workflow::builder().work(Work::empty().build()?).build()?;
    assert_eq!(
        json!(Submission::new(&nameless, &stamp).name()),
        serde_json::to_value(Submission::new(&nameless, &stamp))?["name"]
    );
    Ok(())
}

#[test]
fn branches_of_a_condition_that_is_only_asked_are_refused() -> Result<(), Failure> {
    let workflow = || {
        let mut workflow = Workflow::builder();
        let [a, b] =
            ["a", "b"].map(|name| workflow.add(name, Work::empty().build().expect("a work")));
        (workflow, a, b)
    };
    let (asking, a, b) = workflow();
    let asking = asking.condition(when(!a.is_finished()).then(&b)).build()?;
    let (looping, ..) = workflow();
    let looping = looping.loop_while(a.is_failed()).build()?;
    for (workflow, place) in [
        (
            &asking,
            "/_conditions/0/idds_method_condition/attributes/_true_works",
        ),
        (&looping, "_loop_condition/attributes/_true_works"),
    ] {
        let (_, again) = changed(
            workflow,
            r#""_true_works":[]"#,
            r#""_true_works":["00000002"]"#,
        )?;
        let error = again.expect_err(place).to_string();
        assert!(
            error.contains(place) && error.contains("released by a condition that is only asked"),
            "{error}"
        );
    }
    Ok(())
}

/// Conditions are numbered where they stand: what is inside the predicate, then the true branches, then the false ones.
#[test]
fn conditions_are_numbered_in_the_order_in_which_they_stand() -> Result<(), Failure> {
    let mut workflow = Workflow::builder();
    let [a, b, c, d] = ["step1", "step2", "step3", "step4"]
        .map(|name| workflow.add(name, Work::empty().build().expect("a work")));
    let inside = all([a.is_failed(), any([a.is_expired(), !b.is_failed()])]);
    let in_true = when(any([all([b.is_finished(), nested(a.is_started())])])).then(&c);
    let in_false = when(!(a.is_finished() & b.is_finished())).then(&d);
    let first = when(any([inside, b.is_finished()]))
        .then(in_true)
        .otherwise(in_false)
        .otherwise(&d);
    let second = when(a.is_finished()).then(&b);
    let workflow = workflow
        .condition(first)
        .condition(second)
        .loop_while(!nested(a.is_finished()))
        .build()?;
    let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1);
    let payload = serde_json::to_value(Encoded::new(&workflow, &stamp))?;
    let template = &payload["attributes"]["template"]["attributes"];
    let ids_in = |value: &Value| -> Result<Vec<u64>, Failure> {
        let mut ids = Vec::new();
        object_ids(value, &mut ids)?;
        Ok(ids)
    };
    // The workflow is 1 and its works are 2 to 5. An object's own id stands after what is inside it.
    let conditions = template["_conditions"].as_object().ok_or("conditions")?;
    let [first, second] = [0, 1].map(|index| conditions.values().nth(index));
    assert_eq!(
        conditions.keys().collect::<Vec<_>>(),
        ["00000006", "0000000f"]
    );
    let id_at = |pointer: &str| {
        first
            .and_then(|first| first.pointer(pointer))
            .and_then(Value::as_str)
    };
    let inner = "idds_method_condition/attributes";
    let expected = [
        ("/attributes/internal_id".to_owned(), "00000006"),
        (
            format!("/attributes/_conditions/0/{inner}/internal_id"),
            "00000007",
        ),
        (
            format!("/attributes/_conditions/0/{inner}/_conditions/1/{inner}/internal_id"),
            "00000008",
        ),
        (
            format!(
                "/attributes/_conditions/0/{inner}/_conditions/1/{inner}/_conditions/1/{inner}/internal_id"
            ),
            "00000009",
        ),
        (
            "/attributes/_true_works/0/attributes/internal_id".to_owned(),
            "0000000a",
        ),
        (
            format!("/attributes/_true_works/0/attributes/_conditions/0/{inner}/internal_id"),
            "0000000b",
        ),
        (
            format!(
                "/attributes/_true_works/0/attributes/_conditions/0/{inner}/_conditions/1/{inner}/internal_id"
            ),
            "0000000c",
        ),
        (
            "/attributes/_false_works/0/attributes/internal_id".to_owned(),
            "0000000d",
        ),
        (
            format!("/attributes/_false_works/0/attributes/_conditions/0/{inner}/internal_id"),
            "0000000e",
        ),
    ];
    for (pointer, id) in &expected {
        assert_eq!(id_at(pointer), Some(*id), "{pointer}");
    }
    assert_eq!(ids_in(second.ok_or("two conditions")?)?, [0xf]);
    let mut in_loop = ids_in(&template["_loop_condition"])?;
    in_loop.sort_unstable();
    assert_eq!(in_loop, [0x10, 0x11, 0x12]);
    // What was released is noted under the same ids.
    let released = |side: &str| -> Vec<String> {
        let noted = first.and_then(|first| {
            first.pointer(&format!("/attributes/_metadata/attributes/{side}_works"))
        });
        noted
            .and_then(Value::as_object)
            .map(|noted| noted.keys().cloned().collect())
            .unwrap_or_default()
    };
    assert_eq!(
        (released("true"), released("false")),
        (
            vec!["0000000a".to_owned()],
            vec!["0000000d".to_owned(), "00000005".to_owned()]
        )
    );
    Ok(())
}

#[test]
fn operators_beside_a_nested_one_have_ids_of_their_own() -> Result<(), Failure> {
    let mut workflow = Workflow::builder();
    let [a, b, c] = ["step1", "step2", "step3"]
        .map(|name| workflow.add(name, Work::empty().build().expect("a work")));
    let asked = all([
        any([a.is_failed(), !a.is_started()]),
        !b.is_failed(),
        nested(b.is_started()),
    ]);
    let workflow = workflow.condition(when(asked).then(&c)).build()?;
    let payload = serde_json::to_value(Encoded::new(
        &workflow,
        &Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1),
    ))?;
    let mut ids = Vec::new();
    object_ids(
        &payload["attributes"]["template"]["attributes"]["_conditions"],
        &mut ids,
    )?;
    ids.sort_unstable();
    assert_eq!(ids, [5, 6, 7, 8, 9]);
    Ok(())
}
