//! What PanDA says about the job of a content.

use idds_workflow::WorkloadId;
use jiff::Timestamp;
use serde::Deserialize;

use crate::field::date;

/// The PanDA job that made a content, as PanDA reports it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct JobInfo {
    /// Number of the job.
    pub panda_id: Option<i64>,
    /// Number of its task.
    pub task_id: Option<i64>,
    /// Id of its JEDI task.
    pub jedi_task_id: Option<WorkloadId>,
    /// Number of the request in the production system.
    pub req_id: Option<i64>,
    /// Number of its definition.
    pub job_definition_id: Option<i64>,
    /// State, such as `finished`.
    pub job_status: Option<String>,
    /// Name.
    pub job_name: Option<String>,
    /// Label.
    pub job_label: Option<String>,
    /// What it does.
    pub processing_type: Option<String>,
    /// Where it comes from, such as `managed`.
    pub prod_source_label: Option<String>,
    /// Certificate name of its user.
    pub prod_user_id: Option<String>,
    /// Name of its user.
    pub prod_user_name: Option<String>,
    /// Group of its user.
    pub working_group: Option<String>,
    /// Virtual organisation.
    pub vo: Option<String>,
    /// Cloud that it ran in.
    pub cloud: Option<String>,
    /// Grid that it ran on.
    pub grid: Option<String>,
    /// Queue that it ran in.
    pub computing_site: Option<String>,
    /// Computing element that it ran on.
    pub computing_element: Option<String>,
    /// Its scheduler.
    pub scheduler_id: Option<String>,
    /// Its pilot.
    pub pilot_id: Option<String>,
    /// Times that the pilot took for its steps, in seconds, as text.
    pub pilot_timing: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "date")]
    pub creation_time: Option<Timestamp>,
    /// When it last changed.
    #[serde(default, deserialize_with = "date")]
    pub modification_time: Option<Timestamp>,
    /// When it started.
    #[serde(default, deserialize_with = "date")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "date")]
    pub end_time: Option<Timestamp>,
    /// Priority it was given.
    pub assigned_priority: Option<i64>,
    /// Priority it has now.
    pub current_priority: Option<i64>,
    /// Number of the attempt.
    pub attempt_nr: Option<i64>,
    /// Attempts allowed.
    pub max_attempt: Option<i64>,
    /// Attempts that failed.
    pub failed_attempt: Option<i64>,
    /// Cores asked for.
    pub core_count: Option<i64>,
    /// Cores used.
    pub actual_core_count: Option<i64>,
    /// Number of input files.
    pub n_input_files: Option<i64>,
    /// CPU time allowed, in `max_cpu_unit`.
    pub max_cpu_count: Option<i64>,
    /// Unit of `max_cpu_count`.
    pub max_cpu_unit: Option<String>,
    /// Disk space allowed, in `max_disk_unit`.
    pub max_disk_count: Option<i64>,
    /// Unit of `max_disk_count`.
    pub max_disk_unit: Option<String>,
    /// Memory asked for, in `min_ram_unit`.
    pub min_ram_count: Option<i64>,
    /// Unit of `min_ram_count`.
    pub min_ram_unit: Option<String>,
    /// Time allowed, in seconds.
    pub max_walltime: Option<i64>,
    /// CPU time used, in `cpu_consumption_unit`.
    pub cpu_consumption_time: Option<i64>,
    /// Unit of `cpu_consumption_time`.
    pub cpu_consumption_unit: Option<String>,
    /// Factor between this CPU and a standard one.
    pub cpu_conversion: Option<f64>,
    /// Speed of its cores, in HS06.
    pub hs06: Option<i64>,
    /// CPU time used, in HS06 seconds.
    pub hs06sec: Option<i64>,
    /// Largest resident memory, in kB.
    pub max_rss: Option<i64>,
    /// Largest virtual memory, in kB.
    pub max_vmem: Option<i64>,
    /// Largest swap, in kB.
    pub max_swap: Option<i64>,
    /// Largest proportional memory, in kB.
    pub max_pss: Option<i64>,
    /// Mean resident memory, in kB.
    pub avg_rss: Option<i64>,
    /// Mean virtual memory, in kB.
    pub avg_vmem: Option<i64>,
    /// Mean swap, in kB.
    pub avg_swap: Option<i64>,
    /// Mean proportional memory, in kB.
    pub avg_pss: Option<i64>,
    /// Disk traffic, as PanDA counts it.
    pub disk_io: Option<i64>,
    /// Growth of its memory, as text.
    pub memory_leak: Option<String>,
    /// How well that growth fits a line, as text.
    pub memory_leak_x2: Option<String>,
    /// Exit code of its program.
    pub trans_exit_code: Option<i64>,
    /// Error code of the pilot.
    pub pilot_error_code: Option<i64>,
    /// What the pilot says about it.
    pub pilot_error_diag: Option<String>,
    /// Error code of the execution.
    pub exe_error_code: Option<i64>,
    /// What the execution says about it.
    pub exe_error_diag: Option<String>,
    /// Error code of the supervisor.
    pub sup_error_code: Option<i64>,
    /// What the supervisor says about it.
    pub sup_error_diag: Option<String>,
    /// Error code of the data management.
    pub ddm_error_code: Option<i64>,
    /// What the data management says about it.
    pub ddm_error_diag: Option<String>,
    /// Error code of the brokerage.
    pub brokerage_error_code: Option<i64>,
    /// What the brokerage says about it.
    pub brokerage_error_diag: Option<String>,
    /// Error code of the dispatcher.
    pub job_dispatcher_error_code: Option<i64>,
    /// What the dispatcher says about it.
    pub job_dispatcher_error_diag: Option<String>,
    /// Error code of the task buffer.
    pub task_buffer_error_code: Option<i64>,
    /// What the task buffer says about it.
    pub task_buffer_error_diag: Option<String>,
}
