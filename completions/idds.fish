# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_idds_global_optspecs
    string join \n H/host= config= local_config_root= server_version= o/output= v/verbose q/quiet h/help V/version
end

function __fish_idds_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_idds_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_idds_using_subcommand
    set -l cmd (__fish_idds_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c idds -n "__fish_idds_needs_command" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_needs_command" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_needs_command" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_needs_command" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_needs_command" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_needs_command" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_needs_command" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_needs_command" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_needs_command" -s V -l version -d 'Print version'
complete -c idds -n "__fish_idds_needs_command" -f -a "run" -d 'Run a workflow on this machine, to its end'
complete -c idds -n "__fish_idds_needs_command" -f -a "plan" -d 'Show what `idds run` would do, and what can never start'
complete -c idds -n "__fish_idds_needs_command" -f -a "request" -d 'Submit workflows, and follow and control their requests'
complete -c idds -n "__fish_idds_needs_command" -f -a "hpo" -d 'Run hyperparameter searches: evaluate points, show results, propose new points'
complete -c idds -n "__fish_idds_needs_command" -f -a "workflow" -d 'Check, show and draw workflow definitions'
complete -c idds -n "__fish_idds_needs_command" -f -a "schema" -d 'Print the JSON Schemas of workflow definitions and other files'
complete -c idds -n "__fish_idds_needs_command" -f -a "serve" -d 'Run an iDDS server on this machine'
complete -c idds -n "__fish_idds_needs_command" -f -a "view" -d 'Show the requests of a server in a browser, live'
complete -c idds -n "__fish_idds_needs_command" -f -a "auth" -d 'Sign in, and show the current credentials'
complete -c idds -n "__fish_idds_needs_command" -f -a "cacher" -d 'Upload and download files that the server stores for jobs'
complete -c idds -n "__fish_idds_needs_command" -f -a "message" -d 'Read and send messages of requests'
complete -c idds -n "__fish_idds_needs_command" -f -a "config" -d 'Show and change the configuration'
complete -c idds -n "__fish_idds_needs_command" -f -a "ping" -d 'Check that the server is reachable and accepts your credentials'
complete -c idds -n "__fish_idds_needs_command" -f -a "completions" -d 'Write a completion script for your shell'
complete -c idds -n "__fish_idds_needs_command" -f -a "man" -d 'Write the manual pages'
complete -c idds -n "__fish_idds_needs_command" -f -a "generate" -d 'Write the schemas, completion scripts and manual pages of the source tree'
complete -c idds -n "__fish_idds_needs_command" -f -a "setup" -d 'Set the server and the authentication method: `config set`'
complete -c idds -n "__fish_idds_needs_command" -f -a "setup_oidc_token" -d 'Sign in: `auth login`'
complete -c idds -n "__fish_idds_needs_command" -f -a "setup_oidc_client_token" -d 'Sign in a program: `auth login --issuer`'
complete -c idds -n "__fish_idds_needs_command" -f -a "refresh_oidc_token" -d 'Get a new token: `auth refresh`'
complete -c idds -n "__fish_idds_needs_command" -f -a "get_oidc_token_info" -d 'Show the owner of the token: `auth status --oidc`'
complete -c idds -n "__fish_idds_needs_command" -f -a "clean_oidc_token" -d 'Delete the saved token: `auth logout`'
complete -c idds -n "__fish_idds_needs_command" -f -a "abort_requests" -d 'Abort requests: `request abort`'
complete -c idds -n "__fish_idds_needs_command" -f -a "abort_tasks" -d 'Abort a task of a request: `request abort --task_id`'
complete -c idds -n "__fish_idds_needs_command" -f -a "suspend_requests" -d 'Suspend requests: `request suspend`'
complete -c idds -n "__fish_idds_needs_command" -f -a "resume_requests" -d 'Resume requests: `request resume`'
complete -c idds -n "__fish_idds_needs_command" -f -a "retry_requests" -d 'Retry requests: `request retry`'
complete -c idds -n "__fish_idds_needs_command" -f -a "close_requests" -d 'Close requests: `request close`'
complete -c idds -n "__fish_idds_needs_command" -f -a "finish_requests" -d 'Finish requests early: `request finish`'
complete -c idds -n "__fish_idds_needs_command" -f -a "get_requests_status" -d 'Show the status of requests: `request status`'
complete -c idds -n "__fish_idds_needs_command" -f -a "download_logs" -d 'Download log files: `request logs`'
complete -c idds -n "__fish_idds_needs_command" -f -a "upload_to_cacher" -d 'Upload a file: `cacher put`'
complete -c idds -n "__fish_idds_needs_command" -f -a "download_from_cacher" -d 'Download a file: `cacher get`'
complete -c idds -n "__fish_idds_needs_command" -f -a "get_hyperparameters" -d 'Show points of a search: `hpo points`'
complete -c idds -n "__fish_idds_needs_command" -f -a "update_hyperparameter" -d 'Report the loss of a point: `hpo update`'
complete -c idds -n "__fish_idds_needs_command" -f -a "get_messages" -d 'Show messages: `message list`'
complete -c idds -n "__fish_idds_needs_command" -f -a "documented" -d 'Commands of the iDDS documentation, and their names here'
complete -c idds -n "__fish_idds_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand run" -s d -l directory -d 'Directory that keeps the state and the logs (default: .idds/FILE beside FILE)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand run" -l evaluate -d 'Program that evaluates the points of searches, with its arguments: `idds hpo run --help` says how' -r -f -a "(__fish_complete_command)"
complete -c idds -n "__fish_idds_using_subcommand run" -s c -l concurrency -d 'Number of points evaluated in parallel' -r
complete -c idds -n "__fish_idds_using_subcommand run" -l cores -d 'Number of cores that jobs may keep busy at once (default: all of this machine)' -r
complete -c idds -n "__fish_idds_using_subcommand run" -l memory -d 'Memory that jobs with a limit may have together, in megabytes (default: all of this machine)' -r
complete -c idds -n "__fish_idds_using_subcommand run" -l storage -d 'File that names the directories between which works that move data copy files: `idds schema storage` shows its form' -r -F
complete -c idds -n "__fish_idds_using_subcommand run" -l on -d 'Batch system for the jobs, `slurm` or `hyperqueue`, or NAME of a section [on.NAME] of the configuration (default: this machine)' -r
complete -c idds -n "__fish_idds_using_subcommand run" -l page_port -d 'Port of the page for a browser on this machine; 0 takes a free one' -r
complete -c idds -n "__fish_idds_using_subcommand run" -l timeout -d 'Give up after this time; what was done is kept' -r
complete -c idds -n "__fish_idds_using_subcommand run" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand run" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand run" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand run" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand run" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand run" -l new -d 'Run it from the beginning, whatever has been done before'
complete -c idds -n "__fish_idds_using_subcommand run" -l rucio -d 'Have Rucio move the data of works between other storage elements, by their rules: rucio.cfg and RUCIO_* say which Rucio'
complete -c idds -n "__fish_idds_using_subcommand run" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand run" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand run" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand plan" -s d -l directory -d 'Directory that keeps the state of `idds run` (default: .idds/FILE beside FILE)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand plan" -l storage -d 'File that names the directories between which works that move data copy files: `idds schema storage` shows its form' -r -F
complete -c idds -n "__fish_idds_using_subcommand plan" -l on -d 'Batch system for the jobs, `slurm` or `hyperqueue`, or NAME of a section [on.NAME] of the configuration (default: this machine)' -r
complete -c idds -n "__fish_idds_using_subcommand plan" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand plan" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand plan" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand plan" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand plan" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand plan" -l rucio -d 'Have Rucio move the data of works between other storage elements, by their rules: rucio.cfg and RUCIO_* say which Rucio'
complete -c idds -n "__fish_idds_using_subcommand plan" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand plan" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand plan" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "submit" -d 'Submit a workflow from a JSON or YAML file'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "list" -d 'List the requests of all users'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "ls" -d 'List the requests of all users'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "status" -d 'Show the status of requests'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "definition" -d 'Write the workflow of a request as a definition, to be edited and submitted again'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "watch" -d 'Follow a request until it ends'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "abort" -d 'Abort requests'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "close" -d 'Close requests, so that nothing new starts; a search ends as with abort'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "retry" -d 'Run the failed parts of requests again'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "why" -d 'Say why the steps of a request have not started, are held, or have failed'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "logs" -d 'Download the log files of requests, or print what jobs write'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "suspend" -d 'Suspend requests, so that a search gets no new points; iDDS 1.3 and later would abort them'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "resume" -d 'Resume suspended requests; iDDS 1.3 and later would retry them'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "finish" -d 'Finish requests early; iDDS 0.11 and later would do nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status definition watch abort close retry why logs suspend resume finish help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l interval -d 'Time between two queries of the status' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l timeout -d 'Stop waiting after this time (default: no limit)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l dry_run -d 'Show what would be sent, without sending it'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l strict -d 'Send nothing if the check of the workflow finds a warning or an error'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l wait -d 'Wait until the request ends; the exit code tells how it ended'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l status -d 'Show only requests with this status, for example Finished; may be repeated' -r -f -a "New\t''
Ready\t''
Transforming\t''
Finished\t''
SubFinished\t''
Failed\t''
Extend\t''
ToCancel\t''
Cancelling\t''
Cancelled\t''
ToSuspend\t''
Suspending\t''
Suspended\t''
ToResume\t''
Resuming\t''
ToExpire\t''
Expiring\t''
Expired\t''
ToFinish\t''
ToForceFinish\t''
Terminating\t''
Building\t''
Built\t''
Throttling\t''
ToClose\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l username -d 'Show only requests of this user, by the name on the server' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l name -d 'Show only requests with this text in their name' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s n -l limit -d 'Show only the latest COUNT requests' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l status -d 'Show only requests with this status, for example Finished; may be repeated' -r -f -a "New\t''
Ready\t''
Transforming\t''
Finished\t''
SubFinished\t''
Failed\t''
Extend\t''
ToCancel\t''
Cancelling\t''
Cancelled\t''
ToSuspend\t''
Suspending\t''
Suspended\t''
ToResume\t''
Resuming\t''
ToExpire\t''
Expiring\t''
Expired\t''
ToFinish\t''
ToForceFinish\t''
Terminating\t''
Building\t''
Built\t''
Throttling\t''
ToClose\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l username -d 'Show only requests of this user, by the name on the server' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l name -d 'Show only requests with this text in their name' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s n -l limit -d 'Show only the latest COUNT requests' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l with_detail -l detail -d 'Show each output collection, with the number of its files (of a search: points) and how many are done'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -l to -d 'Form to write: yaml, json, or wire for what a server is sent' -r -f -a "yaml\t''
json\t''
wire\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from definition" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l interval -d 'Time between two queries of the status' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l timeout -d 'Stop waiting after this time (default: no limit)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l task_id -d 'Abort only this task of the request; iDDS 1.3 and later cannot' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l timeout -d 'Longest time to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l wait -d 'Wait until the server has carried out or refused the command'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l timeout -d 'Longest time to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l wait -d 'Wait until the server has carried out or refused the command'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l timeout -d 'Longest time to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l wait -d 'Wait until the server has carried out or refused the command'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -s d -l directory -d 'Directory of an `idds run` that has ended, such as .idds/FILE; asks no server' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from why" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l dest_dir -d 'Directory for the downloaded file' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l filename -d 'Name of the downloaded file; - writes to standard output (default: the name from the server)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l print -d 'Print what jobs have written instead of downloading it'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Print what jobs have written and go on with what they write, until the request ends'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l overwrite -d 'Replace an existing file'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l timeout -d 'Longest time to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l wait -d 'Wait until the server has carried out or refused the command'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l timeout -d 'Longest time to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l wait -d 'Wait until the server has carried out or refused the command'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l timeout -d 'Longest time to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l set_all_finished -d 'Mark everything that has not ended as finished'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l wait -d 'Wait until the server has carried out or refused the command'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "submit" -d 'Submit a workflow from a JSON or YAML file'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the requests of all users'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the status of requests'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "definition" -d 'Write the workflow of a request as a definition, to be edited and submitted again'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "watch" -d 'Follow a request until it ends'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "abort" -d 'Abort requests'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "close" -d 'Close requests, so that nothing new starts; a search ends as with abort'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "retry" -d 'Run the failed parts of requests again'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "why" -d 'Say why the steps of a request have not started, are held, or have failed'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "logs" -d 'Download the log files of requests, or print what jobs write'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "suspend" -d 'Suspend requests, so that a search gets no new points; iDDS 1.3 and later would abort them'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "resume" -d 'Resume suspended requests; iDDS 1.3 and later would retry them'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "finish" -d 'Finish requests early; iDDS 0.11 and later would do nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "run" -d 'Evaluate the points of a search with a program'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "work" -d 'Evaluate points as one of several workers that share a search, for example jobs of a batch system'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "points" -d 'Show the points of a search'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "update" -d 'Report the loss of a point'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "report" -d 'Write a report from the journal of a search'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "what-if" -d 'Estimate how long a search would take with another concurrency or other settings'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "steer" -d 'Propose new points, as the steering container of a search does'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s d -l directory -d 'Directory for points, journal and report (default: request-REQUEST)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l link -d 'File or directory to link into the directory of each point; may be repeated' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s e -l env -d 'Environment variable for the program, added to the current environment; may be repeated' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s c -l concurrency -d 'Number of points evaluated in parallel' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l evaluation_timeout -d 'Time limit of one evaluation (default: none)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l attempts -d 'Number of attempts before a point counts as failed' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l on_failure -d 'What to do with a failed point: report a loss such as 1e5, leave the point open, or stop the search. By default, 1e5 is reported once another point has succeeded after it, and the search stops if no point succeeds, or none any more' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l on_non_finite -d 'What to do with a loss that is not finite: count it as a failure, report a loss such as 1e5, or leave the point open' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l early_stopping -d 'Stop bad evaluations early, judged by the values in their values.txt: median or halving' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l speculate -d 'Evaluate a point a second time when it takes FACTOR times longer than the median and no other point is left' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l journal -d 'Journal file, from which an interrupted search continues (default: DIR/journal, one for each worker)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l report -d 'Write a report to this file at the end, as `hpo report --to` does (default: DIR/report.html)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l optuna -d 'Write the search to this file as an Optuna study while it runs, for `optuna-dashboard FILE`' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l max_points -d 'Stop after COUNT points have been tried here, including failed ones' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l target -d 'Stop when a value at least as good as VALUE is found' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l no_improvement -d 'Stop after COUNT points in a row without improvement' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l timeout -d 'Stop after this time' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l silence -d 'Stop if the server does nothing for this time while no point is left to evaluate' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l from -d 'Earlier trials that the sampler takes into account: a journal, an Optuna study (SQLite or journal file; FILE#NAME for one of several), a CSV table, or the id of another request; may be repeated' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l assume -d 'Value of a parameter in earlier trials that lack it, for example because it was added since then; may be repeated' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l worker -d 'Run as worker I of N, counted from 0: each point belongs to one worker' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l workers_dir -d 'Share points with all workers that name this directory; points of a dead worker are taken over (default with `work`: DIR/workers)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l name -d 'Name of this worker; it must be the same after a restart (default: the Slurm job, or host and process)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l take_over -d 'Time without a sign of life after which a worker counts as dead' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l try -d 'Evaluate one point and show the result without reporting it: the first step with a new program'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l clean_env -d 'Start the program with a clean environment: only PATH, HOME, USER, LOGNAME, SHELL, LANG, LC_*, TZ, TMPDIR and the variables of --env'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l maximize -d 'Maximize: the program returns a score, and higher is better'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l reuse_losses -d 'Reuse the loss of an earlier point with the same parameters; only for deterministic programs'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s d -l directory -d 'Directory for points, journal and report (default: request-REQUEST)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l link -d 'File or directory to link into the directory of each point; may be repeated' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s e -l env -d 'Environment variable for the program, added to the current environment; may be repeated' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s c -l concurrency -d 'Number of points evaluated in parallel' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l evaluation_timeout -d 'Time limit of one evaluation (default: none)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l attempts -d 'Number of attempts before a point counts as failed' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l on_failure -d 'What to do with a failed point: report a loss such as 1e5, leave the point open, or stop the search. By default, 1e5 is reported once another point has succeeded after it, and the search stops if no point succeeds, or none any more' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l on_non_finite -d 'What to do with a loss that is not finite: count it as a failure, report a loss such as 1e5, or leave the point open' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l early_stopping -d 'Stop bad evaluations early, judged by the values in their values.txt: median or halving' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l speculate -d 'Evaluate a point a second time when it takes FACTOR times longer than the median and no other point is left' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l journal -d 'Journal file, from which an interrupted search continues (default: DIR/journal, one for each worker)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l report -d 'Write a report to this file at the end, as `hpo report --to` does (default: DIR/report.html)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l optuna -d 'Write the search to this file as an Optuna study while it runs, for `optuna-dashboard FILE`' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l max_points -d 'Stop after COUNT points have been tried here, including failed ones' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l target -d 'Stop when a value at least as good as VALUE is found' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l no_improvement -d 'Stop after COUNT points in a row without improvement' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l timeout -d 'Stop after this time' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l silence -d 'Stop if the server does nothing for this time while no point is left to evaluate' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l from -d 'Earlier trials that the sampler takes into account: a journal, an Optuna study (SQLite or journal file; FILE#NAME for one of several), a CSV table, or the id of another request; may be repeated' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l assume -d 'Value of a parameter in earlier trials that lack it, for example because it was added since then; may be repeated' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l worker -d 'Run as worker I of N, counted from 0: each point belongs to one worker' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l workers_dir -d 'Share points with all workers that name this directory; points of a dead worker are taken over (default with `work`: DIR/workers)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l name -d 'Name of this worker; it must be the same after a restart (default: the Slurm job, or host and process)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l take_over -d 'Time without a sign of life after which a worker counts as dead' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l try -d 'Evaluate one point and show the result without reporting it: the first step with a new program'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l clean_env -d 'Start the program with a clean environment: only PATH, HOME, USER, LOGNAME, SHELL, LANG, LC_*, TZ, TMPDIR and the variables of --env'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l maximize -d 'Maximize: the program returns a score, and higher is better'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l reuse_losses -d 'Reuse the loss of an earlier point with the same parameters; only for deterministic programs'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l id -d 'Show only this point' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s n -l limit -d 'Show at most COUNT points' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l open -d 'Show only points without a loss'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l evaluated -d 'Show only points with a loss'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -l to -d 'Report file; its ending gives the format: html, svg, csv, json or parquet; may be repeated' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s c -l concurrency -d 'Number of points evaluated in parallel, over all workers; several numbers are compared' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s b -l batch -d 'Number of points of one generation (num_points_per_iteration); several numbers are compared (default: the smallest that makes the search at most 10 % longer)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l evaluation_timeout -d 'Time limit of one evaluation (default: none)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l attempts -d 'Number of attempts before a point counts as failed' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l speculate -d 'Evaluate a point a second time when it takes FACTOR times longer than the median' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l turnaround -d 'Time from the last loss of a generation to the next points (default: as recorded)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l slow_points -d 'Assume that slow evaluations were slow because of their points: a second one takes as long'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l max_points -d 'Total number of points of the search' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l num_points -d 'Number of new points to propose' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l input -d 'File with the space and all points so far; - reads standard input' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l output -d 'File for the new points; - writes to standard output' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l sampler -d 'Sampling algorithm' -r -f -a "auto\t''
cma_es\t''
gaussian_process\t''
grid\t''
independent\t''
quasi_random\t''
random\t''
tpe\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l seed -d 'Random seed: the same input with the same seed gives the same points' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l dialect -d 'Dialect of the space, if it is not the one of iDDS\'s own script' -r -f -a "bayes_opt\t''
hpogrid\t''
lists\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l from -d 'Earlier trials that the sampler takes into account: a journal, an Optuna study (SQLite or journal file; FILE#NAME for one of several), a CSV table, or the id of another request; may be repeated' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l assume -d 'Value of a parameter in earlier trials that lack it, for example because it was added since then; may be repeated' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l maximize -d 'Direction of the search that the trials of --from are for: its losses are negated scores'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "run" -d 'Evaluate the points of a search with a program'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "work" -d 'Evaluate points as one of several workers that share a search, for example jobs of a batch system'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "points" -d 'Show the points of a search'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "update" -d 'Report the loss of a point'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "report" -d 'Write a report from the journal of a search'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "what-if" -d 'Estimate how long a search would take with another concurrency or other settings'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "steer" -d 'Propose new points, as the steering container of a search does'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -f -a "check" -d 'Check a definition: report all errors, and what the server will not do as written'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -f -a "show" -d 'Show the steps of a workflow, or the whole definition as JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -f -a "graph" -d 'Draw a workflow as a diagram'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -f -a "convert" -d 'Write a workflow in another form: YAML, JSON, or the wire form of iDDS'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -f -a "wire" -d 'Print the JSON that would be sent to the server'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph convert wire help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l storage -d 'File that names the directories between which works that move data copy files: `idds schema storage` shows its form' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l strict -d 'Treat warnings as errors'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l embedded -d 'Check for the embedded server of `idds serve` instead of iDDS'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l rucio -d 'Have Rucio move the data of works between other storage elements, by their rules: rucio.cfg and RUCIO_* say which Rucio'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -l format -d 'Format of the diagram: mermaid for Markdown, dot for Graphviz, svg for a browser' -r -f -a "mermaid\t''
dot\t''
svg\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -l to -d 'Form to write: yaml, json, or wire for what a server is sent' -r -f -a "yaml\t''
json\t''
wire\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from convert" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check a definition: report all errors, and what the server will not do as written'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the steps of a workflow, or the whole definition as JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "graph" -d 'Draw a workflow as a diagram'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "convert" -d 'Write a workflow in another form: YAML, JSON, or the wire form of iDDS'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "wire" -d 'Print the JSON that would be sent to the server'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand schema" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand schema" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand schema" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand schema" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand schema" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand schema" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand schema" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand schema" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand serve" -s p -l port -d 'Port to listen on; 0 takes a free one' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -l address -d 'Address to listen on' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -l host_name -d 'Name of this machine that clients on other machines use; may be repeated' -r -f -a "(__fish_print_hostnames)"
complete -c idds -n "__fish_idds_using_subcommand serve" -s d -l directory -d 'Directory for requests, points and files (default: a temporary one, deleted at the end)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand serve" -l seed -d 'Random seed of new searches: the same losses give the same points' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -l like -d 'Imitate the defects of this version of iDDS that decide how a workflow ends' -r -f -a "2.6.21\t''"
complete -c idds -n "__fish_idds_using_subcommand serve" -l on -d 'Batch system for the jobs, `slurm` or `hyperqueue`, or NAME of a section [on.NAME] of the configuration (default: this machine)' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -l page_port -d 'Port of the page for a browser on this machine; 0 takes a free one' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -l storage -d 'File that names the directories between which works that move data copy files: `idds schema storage` shows its form' -r -F
complete -c idds -n "__fish_idds_using_subcommand serve" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand serve" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand serve" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand serve" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand serve" -l no_token -d 'Run without a token: every user of this machine can use the server'
complete -c idds -n "__fish_idds_using_subcommand serve" -l allow_remote -d 'Accept clients on other machines; they need the token, which is sent unencrypted'
complete -c idds -n "__fish_idds_using_subcommand serve" -l programs -d 'Run the programs of works, in the current directory; so it is unless --no_token, --allow_remote or --like is given'
complete -c idds -n "__fish_idds_using_subcommand serve" -l no_programs -d 'Run no programs: only searches, whose points others evaluate'
complete -c idds -n "__fish_idds_using_subcommand serve" -l rucio -d 'Have Rucio move the data of works between other storage elements, by their rules: rucio.cfg and RUCIO_* say which Rucio'
complete -c idds -n "__fish_idds_using_subcommand serve" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand serve" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand serve" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand view" -s p -l port -d 'Port of the page on this machine; 0 takes a free one' -r
complete -c idds -n "__fish_idds_using_subcommand view" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand view" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand view" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand view" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand view" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand view" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand view" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand view" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "login" -d 'Sign in at the identity provider of your VO, in a browser'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "status" -d 'Show the current credentials, and how long they are valid'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "refresh" -d 'Get new tokens before the old ones expire'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "logout" -d 'Delete the saved tokens'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l vo -d 'Virtual organisation (default: the configured one, otherwise asked for at the terminal)' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l issuer -d 'URL of the identity provider, to sign in a program instead of a person' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l client_id -d 'Client id of the program at the identity provider' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l client_secret_file -d 'File with the client secret, readable only by you; - reads standard input, or asks at a terminal' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l scope -d 'Scope of the token: what it gives access to' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l audience -d 'Audience of the token: the service it is meant for' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -l oidc -d 'Show the token, even if another authentication method is configured'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "login" -d 'Sign in at the identity provider of your VO, in a browser'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the current credentials, and how long they are valid'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "refresh" -d 'Get new tokens before the old ones expire'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "logout" -d 'Delete the saved tokens'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -f -a "put" -d 'Upload a file, replacing one of the same name'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -f -a "get" -d 'Download a file'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -l name -d 'Name of the file on the server (default: the same name)' -r
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l to -d 'Destination: a file, an existing directory, or - for standard output' -r -F
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l overwrite -d 'Replace an existing file'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from help" -f -a "put" -d 'Upload a file, replacing one of the same name'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from help" -f -a "get" -d 'Download a file'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -f -a "list" -d 'List the messages of a request, the oldest first'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -f -a "ls" -d 'List the messages of a request, the oldest first'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -f -a "send" -d 'Send the result of an asynchronous function to a request'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l transform_id -d 'Id of the transform that the message belongs to' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l internal_id -d 'Internal id that the message belongs to' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l transform_id -d 'Id of the transform that the message belongs to' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l internal_id -d 'Internal id that the message belongs to' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l workload_id -d 'Id of the workload: selects all its requests, or REQUEST if it belongs to the workload' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l file -d 'File with the result in JSON; - reads standard input' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l transform_id -d 'Id of the transform that the message belongs to' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l internal_id -d 'Internal id that the message belongs to' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the messages of a request, the oldest first'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from help" -f -a "send" -d 'Send the result of an asynchronous function to a request'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -f -a "show" -d 'Show the settings in effect, and where each value comes from'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -f -a "path" -d 'Print the path of your own configuration file'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -f -a "set" -d 'Change a setting in your own configuration file'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -l for_auth_type -d 'Set the host only for this authentication method' -r -f -a "x509_proxy\t''
oidc\t''
none\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the settings in effect, and where each value comes from'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print the path of your own configuration file'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "set" -d 'Change a setting in your own configuration file'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand ping" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand ping" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand ping" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand ping" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand ping" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand ping" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand ping" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand ping" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand completions" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand completions" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand completions" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand completions" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand completions" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand completions" -l install -d 'Install the script where the shell looks for it, instead of printing it'
complete -c idds -n "__fish_idds_using_subcommand completions" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand completions" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand completions" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand man" -l dir -d 'Write one page per command into this directory' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand man" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand man" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand man" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand man" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand man" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand man" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand man" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand man" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand generate" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand generate" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand generate" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand generate" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand generate" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand generate" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand generate" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand generate" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand setup" -l auth_type -d 'Authentication method: x509_proxy or oidc' -r -f -a "x509_proxy\t''
oidc\t''
none\t''"
complete -c idds -n "__fish_idds_using_subcommand setup" -l x509_proxy -d 'File with the certificate' -r -F
complete -c idds -n "__fish_idds_using_subcommand setup" -l vo -d 'Virtual organisation' -r
complete -c idds -n "__fish_idds_using_subcommand setup" -l oidc_token -d 'Token file; - reads the token itself from standard input or asks for it, because all users of this machine can see arguments' -r
complete -c idds -n "__fish_idds_using_subcommand setup" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand setup" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand setup" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand setup" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand setup" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand setup" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand setup" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand setup" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_issuer -d 'URL of the identity provider' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_client_id -d 'Client id of the program at the identity provider' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_client_secret -d 'Client secret; - reads it from standard input or asks for it, because all users of this machine can see arguments' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_audience -d 'Audience of the token: the service it is meant for' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_scope -d 'Scope of the token: what it gives access to' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l task_id -d 'Id of the task' -r
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l set_all_finished -d 'Mark everything that has not ended as finished'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l anyway -d 'Send the command even to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l with_detail -d 'Show each output collection'
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l dest_dir -d 'Directory for the downloaded file' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l dest_filename -l filename -d 'Name of the downloaded file' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -l filename -d 'File on this machine; its name without the directory is the name on the server' -r -F
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -l filename -d 'File on this machine; its name without the directory is the name on the server' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l id -d 'Show only this point; the first is 1' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l status -d 'Show only points with this status: New has no loss, Available has one' -r -f -a "new\t''
available\t''"
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l limit -d 'Show at most COUNT points' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l id -d 'Id of the point' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l loss -d 'Loss of the point' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand documented" -s H -l host -d 'URL of the server, for example https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand documented" -l config -d 'Configuration file of the site (default: the first one found)' -r -F
complete -c idds -n "__fish_idds_using_subcommand documented" -l local_config_root -d 'Directory of your own configuration (default: ~/.idds)' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand documented" -l server_version -d 'Version of iDDS on the server (default: 2.6.21)' -r
complete -c idds -n "__fish_idds_using_subcommand documented" -s o -l output -d 'Format of results; JSON and YAML are stable and meant for programs' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand documented" -s v -l verbose -d 'Show causes of errors and calls to the server; repeat for more detail'
complete -c idds -n "__fish_idds_using_subcommand documented" -s q -l quiet -d 'Suppress progress messages'
complete -c idds -n "__fish_idds_using_subcommand documented" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "run" -d 'Run a workflow on this machine, to its end'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "plan" -d 'Show what `idds run` would do, and what can never start'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "request" -d 'Submit workflows, and follow and control their requests'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "hpo" -d 'Run hyperparameter searches: evaluate points, show results, propose new points'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "workflow" -d 'Check, show and draw workflow definitions'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "schema" -d 'Print the JSON Schemas of workflow definitions and other files'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "serve" -d 'Run an iDDS server on this machine'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "view" -d 'Show the requests of a server in a browser, live'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "auth" -d 'Sign in, and show the current credentials'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "cacher" -d 'Upload and download files that the server stores for jobs'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "message" -d 'Read and send messages of requests'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "config" -d 'Show and change the configuration'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "ping" -d 'Check that the server is reachable and accepts your credentials'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "completions" -d 'Write a completion script for your shell'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "man" -d 'Write the manual pages'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "generate" -d 'Write the schemas, completion scripts and manual pages of the source tree'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "setup" -d 'Set the server and the authentication method: `config set`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "setup_oidc_token" -d 'Sign in: `auth login`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "setup_oidc_client_token" -d 'Sign in a program: `auth login --issuer`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "refresh_oidc_token" -d 'Get a new token: `auth refresh`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "get_oidc_token_info" -d 'Show the owner of the token: `auth status --oidc`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "clean_oidc_token" -d 'Delete the saved token: `auth logout`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "abort_requests" -d 'Abort requests: `request abort`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "abort_tasks" -d 'Abort a task of a request: `request abort --task_id`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "suspend_requests" -d 'Suspend requests: `request suspend`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "resume_requests" -d 'Resume requests: `request resume`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "retry_requests" -d 'Retry requests: `request retry`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "close_requests" -d 'Close requests: `request close`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "finish_requests" -d 'Finish requests early: `request finish`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "get_requests_status" -d 'Show the status of requests: `request status`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "download_logs" -d 'Download log files: `request logs`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "upload_to_cacher" -d 'Upload a file: `cacher put`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "download_from_cacher" -d 'Download a file: `cacher get`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "get_hyperparameters" -d 'Show points of a search: `hpo points`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "update_hyperparameter" -d 'Report the loss of a point: `hpo update`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "get_messages" -d 'Show messages: `message list`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "documented" -d 'Commands of the iDDS documentation, and their names here'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from run plan request hpo workflow schema serve view auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "submit" -d 'Submit a workflow from a JSON or YAML file'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "list" -d 'List the requests of all users'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "status" -d 'Show the status of requests'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "definition" -d 'Write the workflow of a request as a definition, to be edited and submitted again'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "watch" -d 'Follow a request until it ends'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "abort" -d 'Abort requests'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "close" -d 'Close requests, so that nothing new starts; a search ends as with abort'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "retry" -d 'Run the failed parts of requests again'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "why" -d 'Say why the steps of a request have not started, are held, or have failed'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "logs" -d 'Download the log files of requests, or print what jobs write'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "suspend" -d 'Suspend requests, so that a search gets no new points; iDDS 1.3 and later would abort them'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "resume" -d 'Resume suspended requests; iDDS 1.3 and later would retry them'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "finish" -d 'Finish requests early; iDDS 0.11 and later would do nothing'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "run" -d 'Evaluate the points of a search with a program'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "work" -d 'Evaluate points as one of several workers that share a search, for example jobs of a batch system'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "points" -d 'Show the points of a search'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "update" -d 'Report the loss of a point'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "report" -d 'Write a report from the journal of a search'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "what-if" -d 'Estimate how long a search would take with another concurrency or other settings'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "steer" -d 'Propose new points, as the steering container of a search does'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "check" -d 'Check a definition: report all errors, and what the server will not do as written'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "show" -d 'Show the steps of a workflow, or the whole definition as JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "graph" -d 'Draw a workflow as a diagram'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "convert" -d 'Write a workflow in another form: YAML, JSON, or the wire form of iDDS'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "wire" -d 'Print the JSON that would be sent to the server'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "login" -d 'Sign in at the identity provider of your VO, in a browser'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "status" -d 'Show the current credentials, and how long they are valid'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "refresh" -d 'Get new tokens before the old ones expire'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "logout" -d 'Delete the saved tokens'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from cacher" -f -a "put" -d 'Upload a file, replacing one of the same name'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from cacher" -f -a "get" -d 'Download a file'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from message" -f -a "list" -d 'List the messages of a request, the oldest first'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from message" -f -a "send" -d 'Send the result of an asynchronous function to a request'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show the settings in effect, and where each value comes from'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print the path of your own configuration file'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set" -d 'Change a setting in your own configuration file'
