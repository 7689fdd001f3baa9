//! Which processes there are, and which of them belong to an attempt.
//!
//! The supervisor adopts what its descendants leave behind (`PR_SET_CHILD_SUBREAPER`), so whatever a job starts stays below it, also
//! what has made a session of its own. Where there is no `/proc`, only process groups are known.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

/// Longest environment that is read, in bytes.
const LONGEST: u64 = 4 << 20;

/// As many numbers of processes are tried one by one; when there are more, the whole list is cheaper.
const TRIED: i32 = 64;

/// A process, as `/proc` has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process {
    pub(crate) id: i32,
    parent: i32,
    group: i32,
    is_dead: bool,
}

impl Process {
    fn read(id: i32) -> Option<Self> {
        let text = fs::read(format!("/proc/{id}/stat")).ok()?;
        let text = String::from_utf8_lossy(&text);
        // The name of the program comes second, in parentheses, and may hold anything.
        let mut words = text.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = words.next()?;
        Some(Self {
            id,
            is_dead: matches!(state, "Z" | "X"),
            parent: words.next()?.parse().ok()?,
            group: words.next()?.parse().ok()?,
        })
    }

    /// Returns all processes.
    pub(crate) fn all() -> Vec<Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(Self::read)
            .collect()
    }

    /// Returns the processes that have come since this one, at least; numbers are given in order until the greatest is reached.
    pub(crate) fn since(id: i32) -> Vec<Self> {
        let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let last = text
            .split_ascii_whitespace()
            .next_back()
            .and_then(|last| last.parse::<i32>().ok());
        match last {
            Some(last) if last >= id && last - id <= TRIED => {
                (id..=last).filter_map(Self::read).collect()
            }
            _ => Self::all(),
        }
    }
}

/// What belongs to an attempt.
#[derive(Debug)]
pub(crate) struct Family<'a> {
    /// Number of its first process, and of its group; none when that is not known any more.
    pub(crate) leader: Option<i32>,
    pub(crate) directory: &'a Path,
    /// First processes of other attempts.
    pub(crate) others: &'a HashSet<i32>,
}

impl Family<'_> {
    /// Returns those of some processes that belong to it and live.
    pub(crate) fn members(&self, processes: &[Process]) -> Vec<i32> {
        let me = i32::try_from(std::process::id()).unwrap_or(0);
        let is_first = |process: &Process| match self.leader {
            Some(leader) if process.id == leader => true,
            _ if process.id == me || self.others.contains(&process.id) => false,
            Some(leader) if process.group == leader => true,
            // What has lost its parent has become a child of this process.
            Some(_) => process.parent == me && !process.is_dead && self.is_marked(process.id),
            None => !process.is_dead && self.is_marked(process.id),
        };
        let mut members: HashSet<i32> = HashSet::new();
        let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
        let mut open = Vec::new();
        for process in processes {
            children.entry(process.parent).or_default().push(process.id);
            if is_first(process) {
                open.push(process.id);
            }
        }
        while let Some(id) = open.pop() {
            if members.insert(id) {
                open.extend(children.remove(&id).into_iter().flatten());
            }
        }
        let living = processes
            .iter()
            .filter(|process| members.contains(&process.id) && !process.is_dead);
        living.map(|process| process.id).collect()
    }

    /// Tells whether a process has the mark of the attempt in its environment, or prints to its files.
    fn is_marked(&self, id: i32) -> bool {
        let prints = |number: u32| {
            let target = fs::read_link(format!("/proc/{id}/fd/{number}"));
            target.is_ok_and(|target| {
                target.parent() == Some(self.directory)
                    && target
                        .file_name()
                        .is_some_and(|name| name == "stdout" || name == "stderr")
            })
        };
        let mut environment = Vec::new();
        let read = fs::File::open(format!("/proc/{id}/environ"))
            .and_then(|file| file.take(LONGEST).read_to_end(&mut environment));
        let mark = [
            super::DIRECTORY.as_bytes(),
            b"=",
            self.directory.as_os_str().as_bytes(),
        ]
        .concat();
        let has_mark = read.is_ok()
            && environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == mark);
        has_mark || prints(1) || prints(2)
    }
}

/// Buries what has died as a child of this process and belongs to no attempt.
pub(crate) fn bury(processes: &[Process], leaders: &HashSet<i32>) {
    let me = i32::try_from(std::process::id()).unwrap_or(0);
    for process in processes {
        if process.is_dead && process.parent == me && !leaders.contains(&process.id) {
            let _ = waitpid(Pid::from_raw(process.id), WaitOptions::NOHANG);
        }
    }
}

/// Returns the children of this process that live and belong to no attempt.
pub(crate) fn strays(processes: &[Process], leaders: &HashSet<i32>) -> Vec<i32> {
    let me = i32::try_from(std::process::id()).unwrap_or(0);
    let strays = processes
        .iter()
        .filter(|process| process.parent == me && !process.is_dead)
        .filter(|process| !leaders.contains(&process.id));
    strays.map(|process| process.id).collect()
}

/// Sends a signal; the process may be gone.
pub(crate) fn signal(id: i32, signal: Signal) {
    if let Some(id) = Pid::from_raw(id) {
        let _ = kill_process(id, signal);
    }
}

/// Returns the memory that processes have, in bytes. What they share is counted for each.
pub(crate) fn resident(processes: &[i32]) -> u64 {
    let page = rustix::param::page_size() as u64;
    let pages = |id: &i32| {
        let text = fs::read_to_string(format!("/proc/{id}/statm")).ok()?;
        text.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()
    };
    processes.iter().filter_map(pages).sum::<u64>() * page
}

/// Returns the memory that processes have, in bytes, with what they share counted once. It takes long.
pub(crate) fn proportional(processes: &[i32]) -> Option<u64> {
    let share = |id: &i32| {
        let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes << 10)
    };
    processes.iter().map(share).sum()
}
