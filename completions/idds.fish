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

complete -c idds -n "__fish_idds_needs_command" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_needs_command" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_needs_command" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_needs_command" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_needs_command" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_needs_command" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_needs_command" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_needs_command" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_needs_command" -s V -l version -d 'Print version'
complete -c idds -n "__fish_idds_needs_command" -f -a "request" -d 'Submit workflows, and follow and control what becomes of them'
complete -c idds -n "__fish_idds_needs_command" -f -a "hpo" -d 'Evaluate the points of searches, look at them, and steer searches'
complete -c idds -n "__fish_idds_needs_command" -f -a "workflow" -d 'Check, show and draw definitions of workflows'
complete -c idds -n "__fish_idds_needs_command" -f -a "schema" -d 'Print the JSON Schemas of definitions and files'
complete -c idds -n "__fish_idds_needs_command" -f -a "serve" -d 'Run an iDDS on this machine'
complete -c idds -n "__fish_idds_needs_command" -f -a "auth" -d 'Sign in, and show who asks'
complete -c idds -n "__fish_idds_needs_command" -f -a "cacher" -d 'Upload and download files that the server keeps for its jobs'
complete -c idds -n "__fish_idds_needs_command" -f -a "message" -d 'Read and send messages of requests'
complete -c idds -n "__fish_idds_needs_command" -f -a "config" -d 'Show and change the configuration'
complete -c idds -n "__fish_idds_needs_command" -f -a "ping" -d 'Ask whether the server is there and lets you in'
complete -c idds -n "__fish_idds_needs_command" -f -a "completions" -d 'Write what lets a shell complete the command line'
complete -c idds -n "__fish_idds_needs_command" -f -a "man" -d 'Write the manual'
complete -c idds -n "__fish_idds_needs_command" -f -a "generate" -d 'Write the schemas, the completions and the manual, as the source tree and packages have them'
complete -c idds -n "__fish_idds_needs_command" -f -a "setup" -d 'Set the server and how to authenticate: `config set`'
complete -c idds -n "__fish_idds_needs_command" -f -a "setup_oidc_token" -d 'Sign in: `auth login`'
complete -c idds -n "__fish_idds_needs_command" -f -a "setup_oidc_client_token" -d 'Sign in a program: `auth login --issuer`'
complete -c idds -n "__fish_idds_needs_command" -f -a "refresh_oidc_token" -d 'Get a new token: `auth refresh`'
complete -c idds -n "__fish_idds_needs_command" -f -a "get_oidc_token_info" -d 'Show whose the token is: `auth status --oidc`'
complete -c idds -n "__fish_idds_needs_command" -f -a "clean_oidc_token" -d 'Forget the token: `auth logout`'
complete -c idds -n "__fish_idds_needs_command" -f -a "abort_requests" -d 'Abort requests: `request abort`'
complete -c idds -n "__fish_idds_needs_command" -f -a "abort_tasks" -d 'Abort a task of a request: `request abort --task_id`'
complete -c idds -n "__fish_idds_needs_command" -f -a "suspend_requests" -d 'Suspend requests: `request suspend`'
complete -c idds -n "__fish_idds_needs_command" -f -a "resume_requests" -d 'Resume requests: `request resume`'
complete -c idds -n "__fish_idds_needs_command" -f -a "retry_requests" -d 'Retry requests: `request retry`'
complete -c idds -n "__fish_idds_needs_command" -f -a "close_requests" -d 'Close requests: `request close`'
complete -c idds -n "__fish_idds_needs_command" -f -a "finish_requests" -d 'Finish requests early: `request finish`'
complete -c idds -n "__fish_idds_needs_command" -f -a "get_requests_status" -d 'Show how far requests are: `request status`'
complete -c idds -n "__fish_idds_needs_command" -f -a "download_logs" -d 'Download log files: `request logs`'
complete -c idds -n "__fish_idds_needs_command" -f -a "upload_to_cacher" -d 'Upload a file: `cacher put`'
complete -c idds -n "__fish_idds_needs_command" -f -a "download_from_cacher" -d 'Download a file: `cacher get`'
complete -c idds -n "__fish_idds_needs_command" -f -a "get_hyperparameters" -d 'Show points of a search: `hpo points`'
complete -c idds -n "__fish_idds_needs_command" -f -a "update_hyperparameter" -d 'Report the loss of a point: `hpo update`'
complete -c idds -n "__fish_idds_needs_command" -f -a "get_messages" -d 'Show messages: `message list`'
complete -c idds -n "__fish_idds_needs_command" -f -a "documented" -d 'The commands of iDDS\'s documentation, and what they are called here'
complete -c idds -n "__fish_idds_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "submit" -d 'Submit a workflow from a file of JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "list" -d 'List the requests of everybody'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "ls" -d 'List the requests of everybody'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "status" -d 'Show how far requests are'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "watch" -d 'Follow a request until it has ended'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "abort" -d 'Abort requests'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "close" -d 'Close requests: what runs may finish, nothing new begins'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "retry" -d 'Run again what failed in requests'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "logs" -d 'Download the log files of requests'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "suspend" -d 'Suspend requests: no new points; iDDS from 1.3 on would abort them'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "resume" -d 'Resume suspended requests; iDDS from 1.3 on would retry them'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "finish" -d 'Finish requests early; iDDS from 0.11 on would do nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and not __fish_seen_subcommand_from submit list ls status watch abort close retry logs suspend resume finish help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l interval -d 'Time between two looks' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l timeout -d 'Give up after this time' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l dry_run -d 'Show what would be sent, and send nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l strict -d 'Send nothing when the advice has a warning or an error'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -l wait -d 'Follow the request until it has ended; the exit code says how'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from submit" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l status -d 'List those with this status, such as Finished' -r -f -a "New\t''
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
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l username -d 'List those of this user, as the server knows them' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l name -d 'List those with this text in their name' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s n -l limit -d 'List at most this many, the latest' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l status -d 'List those with this status, such as Finished' -r -f -a "New\t''
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
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l username -d 'List those of this user, as the server knows them' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l name -d 'List those with this text in their name' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s n -l limit -d 'List at most this many, the latest' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -l with_detail -l detail -d 'Show each output: how many of its files, or points of a search, are done'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l interval -d 'Time between two looks' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l timeout -d 'Give up after this time' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l task_id -d 'Abort only this task of the request; servers from 1.3 on cannot' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l timeout -d 'How long to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l wait -d 'Wait until the server has obeyed or refused'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from abort" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l timeout -d 'How long to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -l wait -d 'Wait until the server has obeyed or refused'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from close" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l timeout -d 'How long to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -l wait -d 'Wait until the server has obeyed or refused'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l dest_dir -d 'Directory to put the file into' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l filename -d 'Name of the file; the server gives one unless set; - is standard output' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -l overwrite -d 'Replace a file that is there already'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l timeout -d 'How long to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l wait -d 'Wait until the server has obeyed or refused'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from suspend" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l timeout -d 'How long to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l wait -d 'Wait until the server has obeyed or refused'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l timeout -d 'How long to wait' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l set_all_finished -d 'Count what is left as finished'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l wait -d 'Wait until the server has obeyed or refused'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from finish" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "submit" -d 'Submit a workflow from a file of JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the requests of everybody'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show how far requests are'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "watch" -d 'Follow a request until it has ended'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "abort" -d 'Abort requests'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "close" -d 'Close requests: what runs may finish, nothing new begins'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "retry" -d 'Run again what failed in requests'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "logs" -d 'Download the log files of requests'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "suspend" -d 'Suspend requests: no new points; iDDS from 1.3 on would abort them'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "resume" -d 'Resume suspended requests; iDDS from 1.3 on would retry them'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "finish" -d 'Finish requests early; iDDS from 0.11 on would do nothing'
complete -c idds -n "__fish_idds_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "run" -d 'Evaluate the points of a search with a program'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "work" -d 'Evaluate points as one of many workers that share a search, such as the jobs of a batch system'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "points" -d 'Show the points of a search'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "update" -d 'Report the loss of a point'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "report" -d 'Make a report of what a journal holds'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "what-if" -d 'Work out what a search would have taken with other numbers of workers, or other rules'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "steer" -d 'Propose new points, as the steering container of a search does'
complete -c idds -n "__fish_idds_using_subcommand hpo; and not __fish_seen_subcommand_from run work points update report what-if steer help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s d -l directory -d 'Directory for the points, the journal and the report; request-REQUEST unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l link -d 'Show this file or directory in the directory of each point; may be given several times' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s e -l env -d 'Set a variable in the environment of the program, which is otherwise this one; may be given several times' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s c -l concurrency -d 'Number of points evaluated in parallel' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l evaluation_timeout -d 'Time that one evaluation may take; no limit unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l attempts -d 'Number of times an evaluation may fail before the point counts as failed' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l on_failure -d 'What becomes of a point that failed: report a loss such as 1e5, leave it open, or stop; unless set, 1e5 is reported once another point has worked since, and the search stops when none works, or none works any more' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l on_non_finite -d 'What becomes of a loss that is not finite: fail, report a loss such as 1e5, or leave the point open' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l early_stopping -d 'Cut evaluations short by the values in their values.txt: median or halving' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l speculate -d 'Evaluate a point a second time when it takes so many times longer than the median and nothing else is left' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l journal -d 'Journal that lets the search go on after a kill; DIR/journal unless set, one for each worker' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l report -d 'Write a report to this file at the end, as `hpo report --to`; DIR/report.html unless set' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l max_points -d 'Stop when so many points were tried here, whatever became of them' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l target -d 'Stop when a value as good as this was evaluated' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l no_improvement -d 'Stop when so many points in a row were not better' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l timeout -d 'Stop after this time' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l silence -d 'Stop when the server has done nothing for this time while nothing is left to evaluate' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l worker -d 'Be worker I of N, from 0 on: each point belongs to one of them' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l workers_dir -d 'Share points with all who name this directory; what a dead one leaves is taken over. With `work`, DIR/workers unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l name -d 'Name of this worker, which it keeps when it is started again; that of the Slurm job, or host and process, unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l take_over -d 'Time without a sign of life after which a worker is taken for dead' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l try -d 'Evaluate one point, show what comes of it, and report nothing: the first step with a new program'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l clean_env -d 'Keep this environment from the program, but for PATH, HOME, USER, LOGNAME, SHELL, LANG, LC_*, TZ and TMPDIR, and what --env says'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l maximize -d 'The program gives a score, of which more is better'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -l reuse_losses -d 'Give a point the loss of an earlier one with the same parameters; for programs that always give the same'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s d -l directory -d 'Directory for the points, the journal and the report; request-REQUEST unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l link -d 'Show this file or directory in the directory of each point; may be given several times' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s e -l env -d 'Set a variable in the environment of the program, which is otherwise this one; may be given several times' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s c -l concurrency -d 'Number of points evaluated in parallel' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l evaluation_timeout -d 'Time that one evaluation may take; no limit unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l attempts -d 'Number of times an evaluation may fail before the point counts as failed' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l on_failure -d 'What becomes of a point that failed: report a loss such as 1e5, leave it open, or stop; unless set, 1e5 is reported once another point has worked since, and the search stops when none works, or none works any more' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l on_non_finite -d 'What becomes of a loss that is not finite: fail, report a loss such as 1e5, or leave the point open' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l early_stopping -d 'Cut evaluations short by the values in their values.txt: median or halving' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l speculate -d 'Evaluate a point a second time when it takes so many times longer than the median and nothing else is left' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l journal -d 'Journal that lets the search go on after a kill; DIR/journal unless set, one for each worker' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l report -d 'Write a report to this file at the end, as `hpo report --to`; DIR/report.html unless set' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l max_points -d 'Stop when so many points were tried here, whatever became of them' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l target -d 'Stop when a value as good as this was evaluated' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l no_improvement -d 'Stop when so many points in a row were not better' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l timeout -d 'Stop after this time' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l silence -d 'Stop when the server has done nothing for this time while nothing is left to evaluate' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l worker -d 'Be worker I of N, from 0 on: each point belongs to one of them' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l workers_dir -d 'Share points with all who name this directory; what a dead one leaves is taken over. With `work`, DIR/workers unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l name -d 'Name of this worker, which it keeps when it is started again; that of the Slurm job, or host and process, unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l take_over -d 'Time without a sign of life after which a worker is taken for dead' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l try -d 'Evaluate one point, show what comes of it, and report nothing: the first step with a new program'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l clean_env -d 'Keep this environment from the program, but for PATH, HOME, USER, LOGNAME, SHELL, LANG, LC_*, TZ and TMPDIR, and what --env says'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l maximize -d 'The program gives a score, of which more is better'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -l reuse_losses -d 'Give a point the loss of an earlier one with the same parameters; for programs that always give the same'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from work" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l id -d 'Show this point only' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s n -l limit -d 'Show at most this many' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l open -d 'Show those without a loss'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -l evaluated -d 'Show those with a loss'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from points" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -l to -d 'Write a report to this file; its name ends with html, svg, csv, json or parquet. May be given several times' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s c -l concurrency -d 'Number of points evaluated in parallel, over all workers; several numbers are compared' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s b -l batch -d 'With so many points of one generation (num_points_per_iteration); the smallest that cost no more than a tenth of the time unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l evaluation_timeout -d 'Time that one evaluation may take; no limit unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l attempts -d 'Number of times an evaluation may fail before the point counts as failed' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l speculate -d 'Evaluate a point a second time when it takes so many times longer than the median' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l turnaround -d 'Time from the last loss of a generation to the next points; as recorded unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -l slow_points -d 'Slow evaluations were slow because of their points, and not by chance: another one takes as long'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from what-if" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l max_points -d 'Number of points of the whole search' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l num_points -d 'Number of new points' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l input -d 'File with all points so far and the space; - is standard input' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l output -d 'File to write the new points to; - is standard output' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l sampler -d 'How points are chosen' -r -f -a "auto\t''
cma_es\t''
gaussian_process\t''
grid\t''
independent\t''
quasi_random\t''
random\t''
tpe\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l seed -d 'Seed of the search: the same input with the same seed gives the same points' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l dialect -d 'Dialect of the space, where it is not that of iDDS\'s own script' -r -f -a "bayes_opt\t''
hpogrid\t''
lists\t''"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from steer" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "run" -d 'Evaluate the points of a search with a program'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "work" -d 'Evaluate points as one of many workers that share a search, such as the jobs of a batch system'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "points" -d 'Show the points of a search'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "update" -d 'Report the loss of a point'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "report" -d 'Make a report of what a journal holds'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "what-if" -d 'Work out what a search would have taken with other numbers of workers, or other rules'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "steer" -d 'Propose new points, as the steering container of a search does'
complete -c idds -n "__fish_idds_using_subcommand hpo; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -f -a "check" -d 'Tell everything that is wrong with a definition, and what the server will not do as written'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -f -a "show" -d 'Show the steps of a workflow, or all of it as JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -f -a "graph" -d 'Draw a workflow'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -f -a "wire" -d 'Print what would be sent to the server'
complete -c idds -n "__fish_idds_using_subcommand workflow; and not __fish_seen_subcommand_from check show graph wire help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l strict -d 'Warnings count, too'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -l embedded -d 'Check it for the embedded server, which `idds serve` starts, instead of iDDS'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -l format -d 'Language of the picture: for Markdown, for Graphviz, or for a browser' -r -f -a "mermaid\t''
dot\t''
svg\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from graph" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from wire" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "check" -d 'Tell everything that is wrong with a definition, and what the server will not do as written'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the steps of a workflow, or all of it as JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "graph" -d 'Draw a workflow'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "wire" -d 'Print what would be sent to the server'
complete -c idds -n "__fish_idds_using_subcommand workflow; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand schema" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand schema" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand schema" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand schema" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand schema" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand schema" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand schema" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand schema" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand serve" -s p -l port -d 'Port to listen on; a free one unless set' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -l address -d 'Address to listen on' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -l host_name -d 'Name by which clients on other machines know this one; may be given several times' -r -f -a "(__fish_print_hostnames)"
complete -c idds -n "__fish_idds_using_subcommand serve" -s d -l directory -d 'Directory that keeps requests, points and files; everything is lost at the end unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand serve" -l seed -d 'Seed of new searches: the same losses give the same points' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -l like -d 'Play the defects of this version of iDDS that decide how a workflow ends' -r -f -a "2.6.21\t''"
complete -c idds -n "__fish_idds_using_subcommand serve" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand serve" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand serve" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand serve" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand serve" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand serve" -l no_token -d 'Serve without a token: every user of this machine can use the server'
complete -c idds -n "__fish_idds_using_subcommand serve" -l allow_remote -d 'Accept clients on other machines; they need the token, which travels unencrypted'
complete -c idds -n "__fish_idds_using_subcommand serve" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand serve" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand serve" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "login" -d 'Sign in at the provider of your VO, in a browser'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "status" -d 'Show who asks, and for how long the server will believe it'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "refresh" -d 'Get new tokens before the old ones expire'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "logout" -d 'Forget the tokens'
complete -c idds -n "__fish_idds_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh logout help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l vo -d 'The virtual organisation; the one that is configured unless set, or a question at a terminal' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l issuer -d 'Sign in a program instead of a person: address of the provider' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l client_id -d 'Name of the program at the provider' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l client_secret_file -d 'File with the secret of the program, which only you may read; - is standard input, or a question at a terminal' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l scope -d 'What the token of the program is good for' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l audience -d 'For whom the token of the program is' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from login" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -l oidc -d 'Look at the token, whatever the server is asked with'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from logout" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "login" -d 'Sign in at the provider of your VO, in a browser'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show who asks, and for how long the server will believe it'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "refresh" -d 'Get new tokens before the old ones expire'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "logout" -d 'Forget the tokens'
complete -c idds -n "__fish_idds_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -f -a "put" -d 'Upload a file; one of the same name is replaced'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -f -a "get" -d 'Download a file'
complete -c idds -n "__fish_idds_using_subcommand cacher; and not __fish_seen_subcommand_from put get help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -l name -d 'Its name on the server, that of the file unless set' -r
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from put" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l to -d 'Where to put it: a file, a directory that is there, or - for standard output' -r -F
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -l overwrite -d 'Replace a file that is there already'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from help" -f -a "put" -d 'Upload a file; one of the same name is replaced'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from help" -f -a "get" -d 'Download a file'
complete -c idds -n "__fish_idds_using_subcommand cacher; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -f -a "list" -d 'List the messages of a request, the oldest first'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -f -a "ls" -d 'List the messages of a request, the oldest first'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -f -a "send" -d 'Send the result of an asynchronous function to a request'
complete -c idds -n "__fish_idds_using_subcommand message; and not __fish_seen_subcommand_from list ls send help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l transform_id -d 'Of this transform' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l internal_id -d 'With this internal id' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l transform_id -d 'Of this transform' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l internal_id -d 'With this internal id' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l workload_id -d 'Id of the workload: every request with it, or REQUEST only if it has it' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l file -d 'File with the result as JSON; - is standard input' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l transform_id -d 'Of this transform' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l internal_id -d 'With this internal id' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from send" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the messages of a request, the oldest first'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from help" -f -a "send" -d 'Send the result of an asynchronous function to a request'
complete -c idds -n "__fish_idds_using_subcommand message; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -f -a "show" -d 'Show what is in effect, and where each value comes from'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -f -a "path" -d 'Show where your own configuration file is'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -f -a "set" -d 'Set a value in your own configuration file'
complete -c idds -n "__fish_idds_using_subcommand config; and not __fish_seen_subcommand_from show path set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -l for_auth_type -d 'Set the host only for this way to authenticate' -r -f -a "x509_proxy\t''
oidc\t''
none\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what is in effect, and where each value comes from'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Show where your own configuration file is'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set a value in your own configuration file'
complete -c idds -n "__fish_idds_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand ping" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand ping" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand ping" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand ping" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand ping" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand ping" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand ping" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand ping" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand completions" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand completions" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand completions" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand completions" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand completions" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand completions" -l install -d 'Write the file where the shell looks for it, instead of printing it'
complete -c idds -n "__fish_idds_using_subcommand completions" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand completions" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand completions" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand man" -l dir -d 'Write a page for every command into this directory' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand man" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand man" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand man" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand man" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand man" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand man" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand man" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand man" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand generate" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand generate" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand generate" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand generate" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand generate" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand generate" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand generate" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand generate" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand setup" -l auth_type -d 'How to authenticate: x509_proxy or oidc' -r -f -a "x509_proxy\t''
oidc\t''
none\t''"
complete -c idds -n "__fish_idds_using_subcommand setup" -l x509_proxy -d 'File with the certificate' -r -F
complete -c idds -n "__fish_idds_using_subcommand setup" -l vo -d 'The virtual organisation' -r
complete -c idds -n "__fish_idds_using_subcommand setup" -l oidc_token -d 'The token file; - reads the token itself from standard input, or asks for it, as everybody on this machine sees arguments' -r
complete -c idds -n "__fish_idds_using_subcommand setup" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand setup" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand setup" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand setup" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand setup" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand setup" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand setup" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand setup" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_token" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_issuer -d 'Address of the provider' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_client_id -d 'Name of the program at the provider' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_client_secret -d 'Its secret; - reads it from standard input, or asks for it, as everybody on this machine sees arguments' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_audience -d 'For whom the token is' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l oidc_scope -d 'What the token is good for' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand setup_oidc_client_token" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand refresh_oidc_token" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand get_oidc_token_info" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand clean_oidc_token" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand abort_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l task_id -d 'Id of the task' -r
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand abort_tasks" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand suspend_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand resume_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand retry_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand close_requests" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand close_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l set_all_finished -d 'Count what is left as finished'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -l anyway -d 'Send it also to a server that does something else, or nothing'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand finish_requests" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -l with_detail -d 'Show each output'
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand get_requests_status" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l dest_dir -d 'Directory to put the file into' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l dest_filename -l filename -d 'Name of the file' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand download_logs" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand download_logs" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -l filename -d 'The file on this machine; without its directory that is the name on the server' -r -F
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand upload_to_cacher" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -l filename -d 'The file on this machine; without its directory that is the name on the server' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand download_from_cacher" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l id -d 'Show this point only; the first is 1' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l status -d 'Show those with this status: New has no loss, Available has one' -r -f -a "new\t''
available\t''"
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l limit -d 'Show at most this many' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand get_hyperparameters" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l id -d 'The point' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l loss -d 'Its loss' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand update_hyperparameter" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l request_id -d 'Id of the request' -r
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l workload_id -d 'Id of the workload' -r
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand get_messages" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand get_messages" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand documented" -s H -l host -d 'Address of the server, such as https://iddsserver.cern.ch:443/idds' -r -f
complete -c idds -n "__fish_idds_using_subcommand documented" -l config -d 'Configuration file of the site, instead of a search' -r -F
complete -c idds -n "__fish_idds_using_subcommand documented" -l local_config_root -d 'Directory of your own configuration, ~/.idds unless set' -r -f -a "(__fish_complete_directories)"
complete -c idds -n "__fish_idds_using_subcommand documented" -l server_version -d 'Version of the server, 2.6.21 unless set' -r
complete -c idds -n "__fish_idds_using_subcommand documented" -s o -l output -d 'How results are printed; JSON and YAML are for programs and stable' -r -f -a "table\t''
json\t''
yaml\t''"
complete -c idds -n "__fish_idds_using_subcommand documented" -s v -l verbose -d 'Tell more: causes of errors and calls; twice and thrice still more'
complete -c idds -n "__fish_idds_using_subcommand documented" -s q -l quiet -d 'Tell nothing but results and errors'
complete -c idds -n "__fish_idds_using_subcommand documented" -s h -l help -d 'Print help'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "request" -d 'Submit workflows, and follow and control what becomes of them'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "hpo" -d 'Evaluate the points of searches, look at them, and steer searches'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "workflow" -d 'Check, show and draw definitions of workflows'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "schema" -d 'Print the JSON Schemas of definitions and files'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "serve" -d 'Run an iDDS on this machine'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "auth" -d 'Sign in, and show who asks'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "cacher" -d 'Upload and download files that the server keeps for its jobs'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "message" -d 'Read and send messages of requests'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "config" -d 'Show and change the configuration'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "ping" -d 'Ask whether the server is there and lets you in'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "completions" -d 'Write what lets a shell complete the command line'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "man" -d 'Write the manual'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "generate" -d 'Write the schemas, the completions and the manual, as the source tree and packages have them'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "setup" -d 'Set the server and how to authenticate: `config set`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "setup_oidc_token" -d 'Sign in: `auth login`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "setup_oidc_client_token" -d 'Sign in a program: `auth login --issuer`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "refresh_oidc_token" -d 'Get a new token: `auth refresh`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "get_oidc_token_info" -d 'Show whose the token is: `auth status --oidc`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "clean_oidc_token" -d 'Forget the token: `auth logout`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "abort_requests" -d 'Abort requests: `request abort`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "abort_tasks" -d 'Abort a task of a request: `request abort --task_id`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "suspend_requests" -d 'Suspend requests: `request suspend`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "resume_requests" -d 'Resume requests: `request resume`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "retry_requests" -d 'Retry requests: `request retry`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "close_requests" -d 'Close requests: `request close`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "finish_requests" -d 'Finish requests early: `request finish`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "get_requests_status" -d 'Show how far requests are: `request status`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "download_logs" -d 'Download log files: `request logs`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "upload_to_cacher" -d 'Upload a file: `cacher put`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "download_from_cacher" -d 'Download a file: `cacher get`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "get_hyperparameters" -d 'Show points of a search: `hpo points`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "update_hyperparameter" -d 'Report the loss of a point: `hpo update`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "get_messages" -d 'Show messages: `message list`'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "documented" -d 'The commands of iDDS\'s documentation, and what they are called here'
complete -c idds -n "__fish_idds_using_subcommand help; and not __fish_seen_subcommand_from request hpo workflow schema serve auth cacher message config ping completions man generate setup setup_oidc_token setup_oidc_client_token refresh_oidc_token get_oidc_token_info clean_oidc_token abort_requests abort_tasks suspend_requests resume_requests retry_requests close_requests finish_requests get_requests_status download_logs upload_to_cacher download_from_cacher get_hyperparameters update_hyperparameter get_messages documented help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "submit" -d 'Submit a workflow from a file of JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "list" -d 'List the requests of everybody'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "status" -d 'Show how far requests are'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "watch" -d 'Follow a request until it has ended'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "abort" -d 'Abort requests'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "close" -d 'Close requests: what runs may finish, nothing new begins'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "retry" -d 'Run again what failed in requests'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "logs" -d 'Download the log files of requests'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "suspend" -d 'Suspend requests: no new points; iDDS from 1.3 on would abort them'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "resume" -d 'Resume suspended requests; iDDS from 1.3 on would retry them'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "finish" -d 'Finish requests early; iDDS from 0.11 on would do nothing'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "run" -d 'Evaluate the points of a search with a program'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "work" -d 'Evaluate points as one of many workers that share a search, such as the jobs of a batch system'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "points" -d 'Show the points of a search'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "update" -d 'Report the loss of a point'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "report" -d 'Make a report of what a journal holds'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "what-if" -d 'Work out what a search would have taken with other numbers of workers, or other rules'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from hpo" -f -a "steer" -d 'Propose new points, as the steering container of a search does'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "check" -d 'Tell everything that is wrong with a definition, and what the server will not do as written'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "show" -d 'Show the steps of a workflow, or all of it as JSON or YAML'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "graph" -d 'Draw a workflow'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from workflow" -f -a "wire" -d 'Print what would be sent to the server'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "login" -d 'Sign in at the provider of your VO, in a browser'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "status" -d 'Show who asks, and for how long the server will believe it'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "refresh" -d 'Get new tokens before the old ones expire'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "logout" -d 'Forget the tokens'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from cacher" -f -a "put" -d 'Upload a file; one of the same name is replaced'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from cacher" -f -a "get" -d 'Download a file'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from message" -f -a "list" -d 'List the messages of a request, the oldest first'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from message" -f -a "send" -d 'Send the result of an asynchronous function to a request'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show what is in effect, and where each value comes from'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Show where your own configuration file is'
complete -c idds -n "__fish_idds_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set" -d 'Set a value in your own configuration file'
