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
    request_metadata TEXT NOT NULL,
    -- 1 while it is being planned: a server that finds it so was killed by it, or with it.
    attempted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX requests_quick ON requests (request_id)
    WHERE status IN (0, 22) AND attempted = 0 AND octet_length(request_metadata) <= 262144;
CREATE INDEX requests_long ON requests (request_id)
    WHERE status IN (0, 22) AND attempted = 0 AND octet_length(request_metadata) > 262144;
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
    transform_metadata TEXT NOT NULL,
    search TEXT,
    history INTEGER NOT NULL DEFAULT 0,
    -- Points of the generation that are still to be made.
    lacking INTEGER NOT NULL DEFAULT 0,
    -- 1 while points are being made, 2 once a server was killed meanwhile, 3 while it is tried again.
    attempted INTEGER NOT NULL DEFAULT 0,
    -- Whether a running search has something to do: points to make, or none that waits for its loss.
    due INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX transforms_by_request ON transforms (request_id);
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

CREATE TABLE messages (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER NOT NULL,
    workload_id INTEGER,
    transform_id INTEGER,
    internal_id TEXT,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_request ON messages (request_id);
