-- Tells this database from any other, for clients that keep something about it.
CREATE TABLE database (id TEXT NOT NULL) STRICT;
INSERT INTO database VALUES (lower(hex(randomblob(16))));

CREATE TABLE requests (
    request_id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT,
    name TEXT,
    requester TEXT,
    username TEXT,
    userdn TEXT,
    transform_tag TEXT,
    cloud TEXT,
    site TEXT,
    queue TEXT,
    campaign TEXT,
    campaign_scope TEXT,
    campaign_group TEXT,
    campaign_tag TEXT,
    request_type INTEGER NOT NULL,
    status INTEGER NOT NULL,
    substatus INTEGER NOT NULL DEFAULT 0,
    command INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL,
    workload_id INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expired_at INTEGER,
    errors TEXT,
    -- Bytes of what was submitted.
    bytes INTEGER NOT NULL,
    -- 1 while it is being planned: a server that finds it so was killed by it, or with it.
    attempted INTEGER NOT NULL DEFAULT 0,
    -- Number of events of its flow whose commands are carried out; the flow is due while there are more.
    handled INTEGER NOT NULL DEFAULT 0,
    flow_due INTEGER NOT NULL DEFAULT 0,
    -- When its flow is to be told that time has passed.
    deadline INTEGER,
    -- Number of requests of its campaign, scope, group and tag that are processed at once; none where it has not all four, or no limit.
    most INTEGER,
    -- 1 until it is its turn among those.
    queued INTEGER NOT NULL DEFAULT 0
) STRICT;
-- What was submitted, as JSON. Apart from what changes: a row is written as a whole, and this may be long.
CREATE TABLE request_metadata (
    request_id INTEGER PRIMARY KEY REFERENCES requests,
    metadata TEXT NOT NULL
) STRICT;
CREATE INDEX requests_in_campaigns ON requests (campaign, campaign_scope, campaign_group, campaign_tag) WHERE most IS NOT NULL;
CREATE INDEX requests_flow ON requests (request_id) WHERE flow_due = 1;
CREATE INDEX requests_deadline ON requests (deadline) WHERE deadline IS NOT NULL AND status = 2;
CREATE INDEX requests_quick ON requests (request_id)
    WHERE status IN (0, 22) AND attempted = 0 AND queued = 0 AND bytes <= 262144;
CREATE INDEX requests_long ON requests (request_id)
    WHERE status IN (0, 22) AND attempted = 0 AND queued = 0 AND bytes > 262144;

-- What has happened to a workflow, in its order: the state of its flow.
CREATE TABLE events (
    request_id INTEGER NOT NULL REFERENCES requests,
    number INTEGER NOT NULL,
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (request_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX requests_by_workload ON requests (workload_id);
CREATE INDEX requests_by_name ON requests (name);

-- A transform without a search is one that somebody else would run. Without a processing it has no collections either.
CREATE TABLE transforms (
    transform_id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER NOT NULL REFERENCES requests,
    workload_id INTEGER,
    transform_type INTEGER NOT NULL,
    transform_tag TEXT,
    name TEXT,
    status INTEGER NOT NULL,
    processing_status INTEGER,
    priority INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    internal_id TEXT,
    parent_internal_id TEXT,
    run_id TEXT,
    site TEXT,
    errors TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    finished_at INTEGER,
    input_scope TEXT,
    input_name TEXT,
    output_scope TEXT,
    output_name TEXT,
    search TEXT,
    history INTEGER NOT NULL DEFAULT 0,
    -- Points of the generation that are still to be made.
    lacking INTEGER NOT NULL DEFAULT 0,
    -- 1 while points are being made, 2 once a server was killed meanwhile, 3 while it is tried again.
    attempted INTEGER NOT NULL DEFAULT 0,
    -- Whether a running work has something to do: points to make, or none of its points and jobs is open.
    due INTEGER NOT NULL DEFAULT 0,
    -- Name of the run in the flow of its workflow; none for a transform that a client has added.
    run_key TEXT,
    -- What the work says about itself, a JSON object.
    result TEXT
) STRICT;
-- What is told of the works of transforms, as JSON; apart from what changes, too.
CREATE TABLE transform_metadata (
    transform_id INTEGER PRIMARY KEY REFERENCES transforms,
    metadata TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX transforms_by_run ON transforms (request_id, run_key) WHERE run_key IS NOT NULL;
CREATE INDEX transforms_by_request ON transforms (request_id);
CREATE INDEX transforms_by_status ON transforms (request_id, status);
CREATE INDEX transforms_new ON transforms (transform_id) WHERE status = 0 AND attempted = 0;
CREATE INDEX transforms_running ON transforms (transform_id) WHERE status = 2;
CREATE INDEX transforms_due ON transforms (transform_id) WHERE status = 2 AND due = 1;

CREATE TABLE contents (
    content_id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER NOT NULL REFERENCES requests,
    transform_id INTEGER NOT NULL REFERENCES transforms,
    number INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    loss REAL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (transform_id, number)
) STRICT;
CREATE INDEX contents_by_number ON contents (request_id, number);
CREATE INDEX contents_by_transform ON contents (transform_id, number);
CREATE INDEX contents_open ON contents (transform_id) WHERE loss IS NULL;
CREATE INDEX contents_open_by_number ON contents (request_id, number) WHERE loss IS NULL;

-- Trials of earlier searches that the sampler of a request sees besides its points.
CREATE TABLE earlier (
    request_id INTEGER NOT NULL REFERENCES requests,
    number INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    loss REAL NOT NULL,
    PRIMARY KEY (request_id, number)
) STRICT, WITHOUT ROWID;

-- Jobs of works; each is a content of both collections of its transform, as a point is.
CREATE TABLE jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER NOT NULL REFERENCES requests,
    transform_id INTEGER NOT NULL REFERENCES transforms,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- By which jobs of other works wait for this one.
    task TEXT NOT NULL,
    command TEXT NOT NULL,
    -- 0 while it waits for outputs of others, 1 when it can be started, 2 while an attempt runs, 3 when it is done for.
    stage INTEGER NOT NULL,
    -- Numbers of the content status of what goes in and of what comes out.
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    -- Outputs that it waits for.
    waits INTEGER NOT NULL,
    -- Attempts that were begun, all in all, and those that count: not those that the machine has failed.
    attempts INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    -- How the last attempt ended, in words.
    ending TEXT,
    bytes INTEGER NOT NULL DEFAULT 0,
    adler32 TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (transform_id, number)
) STRICT;
CREATE INDEX jobs_by_name ON jobs (request_id, task, name);
CREATE INDEX jobs_ready ON jobs (job_id) WHERE stage = 1;
CREATE INDEX jobs_running ON jobs (job_id) WHERE stage = 2;
CREATE INDEX jobs_open ON jobs (transform_id, stage) WHERE stage < 3;
CREATE INDEX jobs_by_output ON jobs (transform_id, output);

-- Outputs that jobs wait for.
CREATE TABLE dependencies (
    request_id INTEGER NOT NULL,
    task TEXT NOT NULL,
    name TEXT NOT NULL,
    job_id INTEGER NOT NULL REFERENCES jobs,
    PRIMARY KEY (request_id, task, name, job_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependencies_by_job ON dependencies (job_id);

-- Datasets that works bring to a storage element.
CREATE TABLE datasets (
    transform_id INTEGER PRIMARY KEY REFERENCES transforms,
    -- 1 while files may be added, 0 once all of them are known.
    is_open INTEGER NOT NULL,
    -- 1 once nothing comes of it any more.
    is_over INTEGER NOT NULL,
    -- When it was asked for.
    since INTEGER NOT NULL,
    -- Rule of Rucio that brings it, once it is known.
    rule TEXT
) STRICT;
CREATE INDEX datasets_live ON datasets (transform_id) WHERE is_over = 0;

-- Files of datasets; each is a content of both collections of its transform.
CREATE TABLE files (
    file_id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER NOT NULL REFERENCES requests,
    transform_id INTEGER NOT NULL REFERENCES transforms,
    number INTEGER NOT NULL,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    -- What they have to be while they are brought, as far as it is known, and what they are afterwards.
    bytes INTEGER,
    adler32 TEXT,
    events INTEGER,
    -- 1 while it is to be brought, 2 while an attempt runs, 3 when it is done for.
    stage INTEGER NOT NULL,
    -- Number of the content status.
    status INTEGER NOT NULL,
    -- Attempts that count: not those that the machine has failed.
    tries INTEGER NOT NULL DEFAULT 0,
    -- How the last attempt ended, in words.
    ending TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (transform_id, number),
    UNIQUE (transform_id, scope, name)
) STRICT;
CREATE INDEX files_ready ON files (transform_id, number) WHERE stage = 1;
CREATE INDEX files_moving ON files (transform_id) WHERE stage = 2;
CREATE INDEX files_open ON files (transform_id) WHERE stage < 3;
CREATE INDEX files_by_status ON files (transform_id, status);

-- Contents are numbered together, whether they are points, jobs or files.
INSERT INTO sqlite_sequence (name, seq) VALUES ('contents', 0), ('jobs', 0), ('files', 0);

CREATE TABLE messages (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER NOT NULL,
    workload_id INTEGER,
    transform_id INTEGER,
    internal_id TEXT,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_request ON messages (request_id);
