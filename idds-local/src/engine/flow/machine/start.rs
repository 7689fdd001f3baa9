//! Steps that start and end, and the values that go from one to another.

use super::super::link::LinkValues;
use super::*;

impl Machine {
    /// Starts a step, once in a run.
    pub(super) fn start(&mut self, at: At, because: String) {
        let is_over = self.ending.is_some() && !self.is_stopping();
        if is_over || !self.run(at.0).steps[at.1].stage.is_idle() {
            return;
        }
        let workflow = self.step_def(at).workflow;
        let run = self.run_mut(at.0);
        let sequence = run.started;
        run.started += 1;
        run.open += 1;
        run.steps[at.1].sequence = sequence;
        match workflow {
            Some(inner) => self.begin_workflow(at, inner),
            None => {
                self.set_values(at);
                let run = self.run_mut(at.0);
                run.steps[at.1].stage = Stage::Queued;
                run.queued.push((at.1, because));
                self.refresh(at);
            }
        }
    }

    fn begin_workflow(&mut self, at: At, inner: usize) {
        let around = self.run(at.0);
        let mut globals = self.definition.workflows[inner].globals.clone();
        let inherited = around.globals.iter();
        globals.extend(inherited.map(|(name, value)| (name.clone(), value.clone())));
        let links: LinkValues = around
            .links
            .iter()
            .filter(|((owner, _), _)| self.definition.is_inside(*owner, inner))
            .map(|(owner, values)| (*owner, values.clone()))
            .collect();
        let rounds = self.combined(at.0);
        let run = Run::new(&self.definition, inner, Some(at), rounds, globals, links);
        let child = match self.free.pop() {
            Some(place) => {
                self.runs[place] = Some(run);
                place
            }
            None => {
                self.runs.push(Some(run));
                self.runs.len() - 1
            }
        };
        let state = self.run_mut(at.0).state_mut(at.1);
        state.stage = Stage::Running;
        state.child = Some(child);
        let workflow = self.key(at);
        self.commands.push(Command::Begins { workflow });
        self.refresh(at);
        self.touch(child);
        // 2.6.21 looks at the conditions of a sub-workflow at once.
        _ = self.sync_workflow(child);
    }

    /// Begins the next round of a loop.
    pub(super) fn next_round(&mut self, at: usize) {
        let old = self.run(at);
        let (workflow, parent, round) = (old.workflow, old.parent, old.round + 1);
        let (build, around, globals) = (old.build.clone(), old.around.clone(), old.globals.clone());
        let first = old.first_links.clone();
        let own = old
            .links
            .iter()
            .filter(|((owner, _), _)| *owner == workflow);
        let own: LinkValues = own
            .map(|(owner, values)| (*owner, values.clone()))
            .collect();
        let children: Vec<usize> = old.steps.iter().filter_map(|state| state.child).collect();
        children.into_iter().for_each(|child| self.forget(child));
        let mut links = first.clone();
        links.extend(own);
        let mut run = Run::new(&self.definition, workflow, parent, around, globals, links);
        run.round = round;
        run.build = build;
        run.first_links = first;
        self.runs[at] = Some(run);
        let workflow = parent.map(|parent| self.key(parent));
        self.commands.push(Command::Round {
            workflow,
            number: round,
        });
        self.touch(at);
    }

    fn forget(&mut self, at: usize) {
        let Some(run) = self.runs[at].take() else {
            return;
        };
        self.free.push(at);
        for child in run.steps.iter().filter_map(|state| state.child) {
            self.forget(child);
        }
    }

    /// Sets what links and global parameters say about a work that starts.
    fn set_values(&mut self, at: At) {
        let run = self.run(at.0);
        let workflow = &self.definition.workflows[run.workflow];
        let mut parameters = Map::new();
        for link in workflow.destinations.get(&at.1).into_iter().flatten() {
            let Some(values) = run.links.get(&(run.workflow, *link)) else {
                continue;
            };
            let destinations = workflow.links[*link].parameters.iter();
            let values = destinations.zip(values.iter());
            parameters.extend(values.map(|((_, name), value)| (name.clone(), value.clone())));
        }
        if parameters.is_empty() && run.globals.is_empty() {
            return;
        }
        let mut values = StepValues::default();
        let reads = workflow.steps[at.1].reads.as_deref();
        for (name, value) in &parameters {
            if !value.is_null() && reads.is_some_and(|work| work.has.contains(name)) {
                values.set(name, Arc::new(value.clone()));
            }
        }
        for (name, value) in &run.globals {
            let slice = workflow.slices.get(name);
            let part = slice.and_then(|slice| {
                let items = value.as_array()?;
                // Python counts an index below 0 from the end.
                let index = match usize::try_from(slice.index) {
                    Ok(index) => index,
                    Err(_) => items.len().checked_add_signed(slice.index as isize)?,
                };
                items.get(index).cloned().map(Arc::new)
            });
            let name = slice.and_then(|slice| slice.name.as_ref()).unwrap_or(name);
            values.set(name, part.unwrap_or_else(|| value.clone()));
        }
        values.parameters = (!parameters.is_empty()).then_some(parameters);
        self.run_mut(at.0).steps[at.1].values = Some(Box::new(values));
    }

    /// Counts a step as ended, and passes on what it says.
    pub(super) fn end_step(&mut self, at: At, status: Status, ended_as: u8) {
        let run = self.run_mut(at.0);
        let state = run.state_mut(at.1);
        state.stage = Stage::Ended(status);
        state.ended_as = ended_as;
        if at.1 != BUILD {
            run.count(status);
            self.pass_on(at);
            if self.step_def(at).workflow.is_none() {
                self.update_globals(at);
            }
        }
        self.refresh(at);
    }

    /// Keeps what the links from a step read of it, where the works that they lead to are, or will be.
    fn pass_on(&mut self, at: At) {
        let run = self.run(at.0);
        let Some(links) = self.definition.workflows[run.workflow].sources.get(&at.1) else {
            return;
        };
        let suffix = self.suffix(at);
        let number = self.rounds(at.0).first().copied().unwrap_or(1);
        for id in links.clone() {
            let owners = self.definition.link_owners.get(&id).cloned();
            for (owner, link) in owners.unwrap_or_default() {
                let run = self.run(at.0);
                let parameters = &self.definition.workflows[owner].links[link].parameters;
                let values: Vec<Value> = parameters
                    .iter()
                    .map(|(name, _)| {
                        value::source(&self.definition, run, at.1, name, &suffix, number)
                    })
                    .collect();
                let place = self.nearest(at.0, owner);
                let links = &mut self.run_mut(place).links;
                _ = links.insert((owner, link), Arc::new(values));
            }
        }
    }

    /// Returns the run of a workflow that is nearest to another run, or the run that it will begin in.
    fn nearest(&self, from: usize, owner: usize) -> usize {
        let mut at = from;
        while !self.definition.is_inside(owner, self.run(at).workflow) {
            match self.run(at).parent {
                Some((around, _)) => at = around,
                None => break,
            }
        }
        loop {
            // The step of this workflow that the other one is in.
            let here = self.run(at).workflow;
            let mut inner = owner;
            let step = loop {
                match self.definition.workflows[inner].parent {
                    Some((around, step)) if around == here => break Some(step),
                    Some((around, _)) if inner != here => inner = around,
                    _ => break None,
                }
            };
            match step.and_then(|step| self.run(at).steps[step].child) {
                Some(child) => at = child,
                None => return at,
            }
        }
    }

    /// Takes over what a work says about global parameters. As in 2.6.21, one that says nothing puts back what it had got.
    fn update_globals(&mut self, at: At) {
        let run = self.run(at.0);
        if run.globals.is_empty() {
            return;
        }
        let said: Vec<_> = run
            .globals
            .keys()
            .filter_map(|name| {
                let value = value::attribute(&self.definition, run, at.1, name)?;
                Some((name.clone(), value))
            })
            .collect();
        self.run_mut(at.0).globals.extend(said);
    }

    /// Returns the rounds as Python writes them: those of the workflows around and of this one, if it has a loop.
    fn combined(&self, at: usize) -> String {
        let run = self.run(at);
        let has_loop = self.definition.workflows[run.workflow].has_loop();
        match (run.around.as_str(), has_loop) {
            (around, false) => around.to_owned(),
            ("", true) => run.round.to_string(),
            (around, true) => format!("{around}_{}", run.round),
        }
    }

    /// Returns the number of the run of each workflow around a step, from the outside in.
    fn rounds(&self, at: usize) -> Vec<u32> {
        let mut rounds = vec![self.run(at).round];
        let mut run = at;
        while let Some((around, _)) = self.run(run).parent {
            rounds.push(self.run(around).round);
            run = around;
        }
        rounds.reverse();
        rounds
    }

    fn suffix(&self, at: At) -> String {
        if at.1 == BUILD {
            return ".0".to_owned();
        }
        let mut suffix = format!(".{}", self.combined(at.0));
        for round in self.rounds(at.0).iter().rev() {
            suffix.push('.');
            suffix.push_str(&round.to_string());
        }
        suffix
    }

    /// Returns all that is said about a work that starts.
    pub(super) fn start_of(&self, at: At, because: String) -> Start {
        let run = self.run(at.0);
        let workflow = &self.definition.workflows[run.workflow];
        let step = self.step_def(at);
        let state = run.state(at.1);
        let values = state.values.as_deref();
        let mut path = self.definition.path(run.workflow, None);
        path.push(&step.id);
        Start {
            run: self.key(at),
            path: path.into_iter().map(str::to_owned).collect(),
            is_build: at.1 == BUILD,
            is_added: step.is_added,
            rounds: match at.1 {
                BUILD => vec![0],
                _ => self.rounds(at.0),
            },
            suffix: self.suffix(at),
            sequence: state.sequence,
            parameters: values.and_then(|values| values.parameters.clone()),
            attributes: values
                .map(|values| values.set.iter().cloned().collect())
                .unwrap_or_default(),
            parents: step
                .parents
                .iter()
                .map(|parent| workflow.steps[*parent].id.clone())
                .collect(),
            because,
        }
    }
}
