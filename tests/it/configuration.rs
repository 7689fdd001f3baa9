//! The files and variables of the Python client: what we make of them, and what the real Python client does.

use std::fs;
use std::path::Path;

use idds::client::{AuthType, Configuration, Secret, Setup, TokenFile};
use serde_json::{Value, json};

use crate::support::Oracle;

/// What a case shows.
enum Agreement {
    /// Both clients see the same.
    Same,
    /// Both refuse it.
    Refused,
    /// They differ on purpose: what ours sees in one setting, or `error`.
    Ours(&'static str, &'static str),
}

use Agreement::{Ours, Refused, Same};

/// A name, the variables, the files, and the verdict; `@` stands for a directory of the case, which is the home too.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
    Agreement,
);

const LOCAL: &str = ".idds/idds_local.cfg";
const SITE: (&str, &str) = ("IDDS_CONFIG", "@/site.cfg");

const CASES: &[Case] = &[
    ("nothing", &[], &[], Same),
    (
        "host in the environment",
        &[("IDDS_HOST", "https://e:443/idds")],
        &[],
        Same,
    ),
    (
        "host in the user's file",
        &[],
        &[(LOCAL, "[rest]\nhost = https://u/idds\n")],
        Same,
    ),
    (
        "host in the site's file",
        &[SITE],
        &[("site.cfg", "[rest]\nhost = https://s/idds\n")],
        Same,
    ),
    (
        "the user's file before the site's",
        &[SITE],
        &[
            ("site.cfg", "[rest]\nhost = https://s/idds\n[oidc]\nvo = s"),
            (LOCAL, "[rest]\nhost = https://u/idds\n"),
        ],
        Same,
    ),
    (
        "the environment before the files",
        &[("IDDS_HOST", "https://e/idds")],
        &[(LOCAL, "[rest]\nhost = https://u\n")],
        Same,
    ),
    (
        "the site's file by IDDS_HOME",
        &[("IDDS_HOME", "@/h")],
        &[("h/etc/idds/idds.cfg", "[oidc]\nvo = home\n")],
        Same,
    ),
    (
        "the site's file by VIRTUAL_ENV",
        &[("VIRTUAL_ENV", "@/v")],
        &[("v/etc/idds/idds.cfg", "[oidc]\nvo = venv\n")],
        Same,
    ),
    (
        "IDDS_HOME before VIRTUAL_ENV",
        &[("IDDS_HOME", "@/h"), ("VIRTUAL_ENV", "@/v")],
        &[
            ("h/etc/idds/idds.cfg", "[oidc]\nvo = home\n"),
            ("v/etc/idds/idds.cfg", "[rest]\nhost = https://v\n"),
        ],
        Same,
    ),
    (
        "IDDS_CONFIG instead of a search",
        &[SITE, ("IDDS_HOME", "@/h")],
        &[
            ("site.cfg", "[rest]\nhost = https://s\n"),
            ("h/etc/idds/idds.cfg", "[oidc]\nvo = home\n"),
        ],
        Same,
    ),
    (
        "auth type in the environment",
        &[("IDDS_AUTH_TYPE", "oidc")],
        &[(LOCAL, "[common]\nauth_type = x509_proxy\n")],
        Same,
    ),
    (
        "auth type in a file",
        &[],
        &[(LOCAL, "[common]\nauth_type = oidc\n")],
        Same,
    ),
    (
        "auth type in a wrong section",
        &[],
        &[(LOCAL, "[rest]\nauth_type = oidc\n")],
        Same,
    ),
    (
        "vo by its alias",
        &[("OIDC_AUTH_VO", "alias")],
        &[(LOCAL, "[oidc]\nvo = file\n")],
        Same,
    ),
    (
        "vo by both names",
        &[("OIDC_AUTH_VO", "alias"), ("IDDS_VO", "name")],
        &[],
        Same,
    ),
    (
        "an empty variable",
        &[("IDDS_VO", "  "), ("OIDC_AUTH_VO", "")],
        &[(LOCAL, "[oidc]\nvo = file\n")],
        Same,
    ),
    (
        "another root",
        &[("IDDS_LOCAL_CONFIG_ROOT", "@/r")],
        &[
            ("r/idds_local.cfg", "[oidc]\nvo = r\n"),
            (LOCAL, "[oidc]\nvo = u\n"),
        ],
        Same,
    ),
    (
        "a root that is not there",
        &[("IDDS_LOCAL_CONFIG_ROOT", "@/new")],
        &[],
        Same,
    ),
    (
        "token file in the environment",
        &[("IDDS_OIDC_TOKEN_FILE", "@/t")],
        &[(LOCAL, "[oidc]\noidc_token_file = /f\n")],
        Same,
    ),
    (
        "token file by its alias",
        &[("OIDC_AUTH_TOKEN_FILE", "@/t")],
        &[],
        Same,
    ),
    (
        "token file in a file",
        &[],
        &[(LOCAL, "[oidc]\noidc_token_file = /f\n")],
        Same,
    ),
    (
        "token in the environment",
        &[("IDDS_OIDC_TOKEN", "e"), ("OIDC_AUTH_ID_TOKEN", "a")],
        &[(LOCAL, "[oidc]\noidc_token = f\n")],
        Same,
    ),
    (
        "token by its alias",
        &[("OIDC_AUTH_ID_TOKEN", "a")],
        &[],
        Same,
    ),
    (
        "token in a file",
        &[],
        &[(LOCAL, "[oidc]\noidc_token = f\n")],
        Same,
    ),
    (
        "proxy in the environment",
        &[("X509_USER_PROXY", "@/p")],
        &[
            ("p", ""),
            ("q", ""),
            (LOCAL, "[x509_proxy]\nx509_proxy = @/q\n"),
        ],
        Same,
    ),
    (
        "proxy in a file",
        &[],
        &[("q", ""), (LOCAL, "[x509_proxy]\nx509_proxy = @/q\n")],
        Same,
    ),
    (
        "references",
        &[],
        &[(
            LOCAL,
            "[DEFAULT]\nname = n\n[rest]\nport = 443\nhost = https://%(name)s:%(PORT)s/idds\n",
        )],
        Same,
    ),
    (
        "references across files",
        &[SITE],
        &[
            ("site.cfg", "[rest]\nname = s\n"),
            (LOCAL, "[rest]\nhost = https://%(name)s\n"),
        ],
        Same,
    ),
    (
        "a percent sign",
        &[],
        &[(LOCAL, "[rest]\nhost = https://h/%%20\n")],
        Same,
    ),
    (
        "defaults",
        &[],
        &[(LOCAL, "[DEFAULT]\nvo = d\nhost = https://d\n[oidc]\n")],
        Same,
    ),
    (
        "colons, capitals and spaces",
        &[],
        &[(LOCAL, "[rest]\nHOST : https://h:443/idds\n[oidc]\n VO=a\n")],
        Same,
    ),
    (
        "comments",
        &[],
        &[(LOCAL, "# c\n[oidc] ; d\n; vo = a\n  # e\nvo = b # f\n")],
        Same,
    ),
    (
        "continued lines",
        &[],
        &[(
            LOCAL,
            "[oidc]\nvo =\n  a\n\n # c\n\tb\n\n[rest]\nhost = h\n",
        )],
        Same,
    ),
    (
        "an empty value",
        &[],
        &[(LOCAL, "[oidc]\nvo =\n[rest]\nhost = h\n")],
        Same,
    ),
    (
        "ends of lines",
        &[],
        &[(LOCAL, "[oidc]\r\nvo = a\r\n[rest]\rhost = h\r")],
        Same,
    ),
    (
        "brackets",
        &[],
        &[(
            LOCAL,
            "[oidc]]\nvo = a\n[rest] # ]\nhost = h\n[ oidc ]\nvo = b\n",
        )],
        Same,
    ),
    (
        "what is broken and not used",
        &[],
        &[(LOCAL, "[oidc]\nvo = a\nother = 50%\n")],
        Same,
    ),
    (
        "a single percent sign",
        &[],
        &[(LOCAL, "[oidc]\nvo = 50%\n")],
        Refused,
    ),
    (
        "a reference to nothing",
        &[],
        &[(LOCAL, "[oidc]\nvo = %(x)s\n")],
        Refused,
    ),
    (
        "a reference in a circle",
        &[],
        &[(LOCAL, "[oidc]\nvo = %(vo)s\n")],
        Refused,
    ),
    (
        "an option twice",
        &[],
        &[(LOCAL, "[oidc]\nvo = a\nVO = b\n")],
        Refused,
    ),
    (
        "a section twice",
        &[],
        &[(LOCAL, "[oidc]\n[rest]\n[oidc]\n")],
        Refused,
    ),
    ("no section", &[], &[(LOCAL, "vo = a\n")], Refused),
    ("no option", &[], &[(LOCAL, "[oidc]\nvo\n")], Refused),
    (
        "a broken file of the site",
        &[SITE],
        &[("site.cfg", "vo = a\n")],
        Refused,
    ),
    (
        "a server of its own",
        &[("IDDS_AUTH_TYPE", "oidc")],
        &[(
            LOCAL,
            "[rest]\nhost = https://u\n[oidc]\nhost = https://o\n",
        )],
        Ours("host", "https://o"),
    ),
    (
        "an unknown auth type",
        &[("IDDS_AUTH_TYPE", "kerberos")],
        &[],
        Ours("error", ""),
    ),
    (
        "IDDS_CONFIG names nothing",
        &[("IDDS_CONFIG", "@/nothing")],
        &[],
        Ours("error", ""),
    ),
    (
        "a proxy that is missing",
        &[("X509_USER_PROXY", "@/p")],
        &[],
        Ours("x509_proxy", "@/p"),
    ),
];

fn environment(variables: &[(&str, &str)], home: &Path) -> Vec<(String, String)> {
    let home = home.display().to_string();
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.replace('@', &home)));
    variables
        .chain([("HOME".to_owned(), home.clone())])
        .collect()
}

/// What our client sees, as Python's settings; none when it refuses.
fn ours(environment: &[(String, String)]) -> Option<Value> {
    let lookup = |name: &str| {
        environment
            .iter()
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.clone())
    };
    let configuration = Configuration::from_lookup(lookup).ok()?;
    Some(json!({
        "host": configuration.host(),
        "auth_type": configuration.auth_type().as_str(),
        "vo": configuration.vo(),
        "x509_proxy": configuration.x509_proxy(),
        "oidc_token": configuration.oidc_token().map(Secret::expose),
        "oidc_token_file": configuration.oidc_token_file(),
    }))
}

/// What the Python client sees, without what it makes up; none when it refuses.
fn pythons(settings: &Value) -> Option<Value> {
    let mut settings = settings.clone();
    if settings.get("error").is_some() {
        return None;
    }
    for value in settings.as_object_mut()?.values_mut() {
        if value
            .as_str()
            .is_some_and(|text| text.is_empty() || text.starts_with("/tmp/x509up_u"))
        {
            *value = Value::Null;
        }
    }
    Some(settings)
}

#[test]
fn files_and_variables_mean_what_they_mean_to_the_python_client() {
    let Some(oracle) = Oracle::available() else {
        return;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let mut questions = Vec::new();
    let mut answers = Vec::new();
    for (number, (_, variables, files, _)) in CASES.iter().enumerate() {
        let home = directory.path().join(number.to_string());
        fs::create_dir(&home).expect("made");
        for (name, text) in *files {
            let path = home.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text.replace('@', &home.display().to_string())).expect("written");
        }
        let environment = environment(variables, &home);
        answers.push(ours(&environment));
        questions.push(json!({"environment": environment.into_iter().collect::<std::collections::BTreeMap<_, _>>()}));
    }
    let python: Vec<Value> =
        serde_json::from_str(&oracle.configurations(&json!(questions).to_string()))
            .expect("a list");
    assert_eq!(python.len(), CASES.len());
    for (number, ((name, _, _, verdict), ours)) in CASES.iter().zip(answers).enumerate() {
        let pythons = pythons(&python[number]);
        match verdict {
            Same => {
                assert!(ours.is_some(), "{name}: {pythons:?}");
                assert_eq!(ours, pythons, "{name}");
            }
            Refused => assert_eq!((ours, pythons), (None, None), "{name}"),
            Ours("error", _) => assert!(ours.is_none() && pythons.is_some(), "{name}"),
            Ours(setting, value) => {
                let home = directory
                    .path()
                    .join(number.to_string())
                    .display()
                    .to_string();
                let (ours, pythons) = (ours.expect(name), pythons.expect(name));
                assert_eq!(ours[setting], value.replace('@', &home), "{name}");
                assert_ne!(ours[setting], pythons[setting], "{name}");
            }
        }
    }
}

#[test]
fn a_file_that_either_client_writes_is_read_by_the_other() {
    let Some(oracle) = Oracle::available() else {
        return;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let home = directory.path();
    fs::write(home.join("proxy"), "").expect("written");
    let proxy = home.join("proxy").display().to_string();
    let python = |case: Value| -> Option<Value> {
        let answers: Vec<Value> =
            serde_json::from_str(&oracle.configurations(&json!([case]).to_string()))
                .expect("a list");
        pythons(&answers[0])
    };
    let variables = json!({"HOME": home});
    let file = home.join(LOCAL);

    let setup = json!({
        "host": "https://one/idds", "auth_type": "oidc", "vo": "test", "x509_proxy": proxy, "oidc_token_file": "/t",
    });
    python(json!({"environment": variables, "setup": setup})).expect("Python writes it");
    let written = ours(&environment(&[], home)).expect("we read what Python wrote");
    for (name, value) in setup.as_object().expect("an object") {
        assert_eq!(&written[name.as_str()], value, "{name}");
    }

    let text = fs::read_to_string(&file).expect("text");
    fs::write(&file, format!("# mine\n{text}[foreign]\nkey = value\n")).expect("written");
    Setup::new()
        .host("https://two/%20")
        .host_for(AuthType::X509Proxy, "https://x509")
        .vo("atlas")
        .save(&file)
        .expect("saved");
    let text = fs::read_to_string(&file).expect("text");
    assert!(
        text.starts_with("# mine\n") && text.contains("[foreign]\nkey = value\n"),
        "{text}"
    );
    let read = python(json!({"environment": variables})).expect("Python reads what we wrote");
    assert_eq!(Some(&read), ours(&environment(&[], home)).as_ref());
    assert_eq!(
        (read["host"].as_str(), read["vo"].as_str()),
        (Some("https://two/%20"), Some("atlas"))
    );

    fs::remove_file(&file).expect("removed");
    Setup::new()
        .auth_type(AuthType::Oidc)
        .host("https://three/idds")
        .save(&file)
        .expect("saved");
    let setup = json!({"vo": "rubin"});
    python(json!({"environment": variables, "setup": setup}))
        .expect("Python changes what we wrote");
    let read = ours(&environment(&[], home)).expect("we read it again");
    let expected = json!(["https://three/idds", "oidc", "rubin"]);
    assert_eq!(
        json!([read["host"], read["auth_type"], read["vo"]]),
        expected
    );
}

#[test]
fn a_token_file_that_either_client_writes_is_read_by_the_other() {
    let Some(oracle) = Oracle::available() else {
        return;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let file = TokenFile::new(directory.path().join(".token"));
    let path = file.path().display().to_string();
    // {"name": "Ada", "exp": 4102444800}
    let token = "e30.eyJuYW1lIjogIkFkYSIsICJleHAiOiA0MTAyNDQ0ODAwfQ.c2ln";

    let saved = oracle.token_file(&format!(
        "utils.save_token('{path}', {{'id_token': '{token}', 'refresh_token': 'r', 'expires_in': 3600}})"
    ));
    assert_eq!(saved.trim(), "[true, null]");
    let open = file
        .load()
        .expect_err("everybody may read what Python writes");
    assert!(
        open.to_string()
            .ends_with(&format!("run: chmod 600 {path}")),
        "{open}"
    );
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("a mode");
    let tokens = file.load().expect("we read what Python wrote");
    assert_eq!(tokens.info().expect("claims").name.as_deref(), Some("Ada"));

    file.remove().expect("removed");
    file.save(&tokens).expect("saved");
    let read: Value = serde_json::from_str(&oracle.token_file(&format!(
        "[utils.load_token('{path}'), utils.is_token_expired(utils.load_token('{path}')[1]), \
         utils.get_token_info(utils.load_token('{path}')[1]['id_token'])[1]['name']]"
    )))
    .expect("JSON");
    let expected = json!({"id_token": token, "refresh_token": "r", "expires_in": 3600});
    assert_eq!(read, json!([[true, expected], [false, null], "Ada"]));
}
