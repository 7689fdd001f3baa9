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
    priority INTEGER NOT NULL,
    workload_id INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expired_at INTEGER,
    errors TEXT,
    request_metadata TEXT NOT NULL
) STRICT;
CREATE INDEX requests_new ON requests (request_id) WHERE status = 0;
CREATE INDEX requests_by_workload ON requests (workload_id);
CREATE INDEX requests_by_name ON requests (name);

CREATE TABLE transforms (
    transform_id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER NOT NULL REFERENCES requests,
    name TEXT NOT NULL,
    status INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    finished_at INTEGER,
    input_scope TEXT NOT NULL,
    input_name TEXT NOT NULL,
    output_scope TEXT NOT NULL,
    output_name TEXT NOT NULL,
    search TEXT NOT NULL
) STRICT;
CREATE INDEX transforms_by_request ON transforms (request_id);
CREATE INDEX transforms_running ON transforms (transform_id) WHERE status = 2;

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
CREATE INDEX contents_by_request ON contents (request_id, number);
CREATE INDEX contents_open ON contents (transform_id) WHERE loss IS NULL;
