use std::fs;

use std::collections::BTreeMap;

use super::*;

/// A home with a user's file, and a site's file.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new(local: &str, site: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join(".idds")).expect("made");
        fs::write(directory.path().join(".idds/idds_local.cfg"), local).expect("written");
        fs::write(directory.path().join("site.cfg"), site).expect("written");
        Self { directory }
    }

    fn read(&self, variables: &[(&str, &str)]) -> Result<Configuration, Error> {
        let path = self.directory.path().display().to_string();
        Configuration::from_lookup(|name| {
            match (name, variables.iter().find(|(it, _)| *it == name)) {
                (_, Some((_, value))) => Some((*value).to_owned()),
                ("HOME", None) => Some(path.clone()),
                ("IDDS_CONFIG", None) => Some(format!("{path}/site.cfg")),
                _ => None,
            }
        })
    }

    fn complaint(&self, variables: &[(&str, &str)]) -> String {
        let error = self.read(variables).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error
            .to_string()
            .replace(&self.directory.path().display().to_string(), "HOME")
    }
}

#[test]
fn variables_count_before_the_users_file_and_that_before_the_sites() {
    let place = Place::new(
        "[oidc]\nvo = user",
        "[oidc]\nvo = site\n[rest]\nhost = https://site/idds",
    );
    let configuration = place.read(&[]).expect("a configuration");
    assert_eq!(
        (configuration.vo(), configuration.host()),
        (Some("user"), Some("https://site/idds"))
    );
    assert_eq!(
        place
            .read(&[("OIDC_AUTH_VO", "alias")])
            .expect("a configuration")
            .vo(),
        Some("alias")
    );
    let both = [("OIDC_AUTH_VO", "alias"), ("IDDS_VO", "variable")];
    assert_eq!(
        place.read(&both).expect("a configuration").vo(),
        Some("variable")
    );
    assert_eq!(
        place
            .read(&[("IDDS_VO", " ")])
            .expect("a configuration")
            .vo(),
        Some("user")
    );
}

#[test]
fn every_setting_says_where_it_comes_from() {
    let local = "[rest]\nhost = https://all/idds\n[oidc]\nvo =\noidc_token = s3cret";
    let place = Place::new(
        local,
        "[oidc]\nvo = site\nhost = https://oidc/idds\n[rest]\nhost = https://site/idds",
    );
    let root = place.directory.path();
    let settings = |variables: &[(&str, &str)]| {
        let settings = place
            .read(variables)
            .expect("a configuration")
            .settings()
            .into_iter();
        settings
            .map(|it| (it.name, (it.value.unwrap_or_default(), it.origin)))
            .collect::<BTreeMap<_, _>>()
    };
    let (user, site) = (
        Origin::File(root.join(".idds/idds_local.cfg")),
        Origin::File(root.join("site.cfg")),
    );
    let plain = settings(&[]);
    assert_eq!(plain["host"], ("https://all/idds".to_owned(), user.clone()));
    assert_eq!(
        plain["auth_type"],
        ("x509_proxy".to_owned(), Origin::Default)
    );
    assert_eq!(plain["oidc_token"], ("[redacted]".to_owned(), user));
    let changed = settings(&[("IDDS_AUTH_TYPE", "oidc"), ("OIDC_AUTH_TOKEN_FILE", "/t")]);
    assert_eq!(changed["host"], ("https://oidc/idds".to_owned(), site));
    assert_eq!(
        changed["oidc_token_file"],
        ("/t".to_owned(), Origin::Variable("OIDC_AUTH_TOKEN_FILE"))
    );
}

#[test]
fn each_way_to_authenticate_may_have_a_server_of_its_own() {
    let place = Place::new(
        "[rest]\nhost = https://all/idds\n[oidc]\nhost = https://oidc/idds",
        "",
    );
    for (auth_type, host) in [
        ("oidc", "https://oidc/idds"),
        ("x509_proxy", "https://all/idds"),
        ("none", "https://all/idds"),
    ] {
        let configuration = place
            .read(&[("IDDS_AUTH_TYPE", auth_type)])
            .expect("a configuration");
        assert_eq!(
            (configuration.auth_type().as_str(), configuration.host()),
            (auth_type, Some(host))
        );
    }
    let variables = [
        ("IDDS_AUTH_TYPE", "oidc"),
        ("IDDS_HOST", "https://variable/idds"),
    ];
    assert_eq!(
        place.read(&variables).expect("a configuration").host(),
        Some("https://variable/idds")
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let place = Place::new("[rest]\nhost = %x", "");
    assert_eq!(
        place.complaint(&[]),
        "an option in the configuration file HOME/site.cfg or HOME/.idds/idds_local.cfg cannot be used: host in [rest] \
         has a single %, write %% for it"
    );
    assert_eq!(
        place.complaint(&[("IDDS_CONFIG", "/nowhere")]),
        "IDDS_CONFIG names /nowhere, which does not exist"
    );
    assert_eq!(
        place.complaint(&[("IDDS_AUTH_TYPE", "kerberos")]),
        "the auth type \"kerberos\" is not one of x509_proxy, oidc, none"
    );
    assert_eq!(
        Place::new("x", "").complaint(&[]),
        "the configuration file HOME/.idds/idds_local.cfg cannot be read: line 1 stands before the first [section]"
    );
}

#[test]
fn the_token_of_a_file_never_shows() {
    let place = Place::new(
        "[oidc]\noidc_token = s3cret\nvo = atlas\n[common]\nauth_type = oidc",
        "",
    );
    let configuration = place.read(&[]).expect("a configuration");
    assert_eq!(
        configuration.oidc_token().map(Secret::expose),
        Some("s3cret")
    );
    assert!(!format!("{configuration:?} {:?}", configuration.auth()).contains("s3cret"));
    let broken = Place::new("[oidc]\noidc_token = s3cret%", "")
        .read(&[])
        .expect_err("a single %");
    assert!(!format!("{broken:?}").contains("s3cret"));
}

#[test]
fn a_certificate_that_is_named_and_missing_is_not_replaced_by_another() {
    let place = Place::new("[x509_proxy]\nx509_proxy = /nowhere/file", "");
    let complaint = |variables: &[(&str, &str)]| {
        let error = place
            .read(variables)
            .and_then(|configuration| configuration.auth())
            .expect_err("missing");
        assert_eq!(error.kind(), ErrorKind::Credential);
        error.to_string()
    };
    assert_eq!(
        complaint(&[]),
        "x509_proxy in the configuration file names /nowhere/file, which does not exist"
    );
    let variable = complaint(&[("X509_USER_PROXY", "/nowhere/variable")]);
    assert_eq!(
        variable,
        "X509_USER_PROXY names /nowhere/variable, which does not exist"
    );
}

#[test]
fn the_files_beside_the_variables_need_not_be_there() {
    let configuration =
        Configuration::from_lookup(|name| (name == "HOME").then(|| "/nowhere".to_owned()));
    let configuration = configuration.expect("a configuration");
    assert_eq!(
        configuration.oidc_token_file(),
        Some(Path::new("/nowhere/.idds/.token"))
    );
    assert_eq!(
        configuration.local_file(),
        Some("/nowhere/.idds/idds_local.cfg".into())
    );
    let homeless = Configuration::from_lookup(|_| None).expect("a configuration");
    assert_eq!(
        (homeless.oidc_token_file(), homeless.local_file()),
        (None, None)
    );
}

#[test]
fn a_byte_order_mark_before_the_first_section_is_passed_over() {
    let place = Place::new("\u{feff}[oidc]\r\nvo = atlas\r\n", "");
    assert_eq!(
        place.read(&[]).expect("a configuration").vo(),
        Some("atlas")
    );
    let file = place.directory.path().join(".idds/idds_local.cfg");
    Setup::new().vo("cms").save(&file).expect("saved");
    assert_eq!(place.read(&[]).expect("a configuration").vo(), Some("cms"));
}

#[test]
fn a_token_in_a_file_that_others_may_read_is_not_used() {
    let place = Place::new(
        "[oidc]\noidc_token = s3cret\nvo = atlas\n[common]\nauth_type = oidc",
        "",
    );
    let file = place.directory.path().join(".idds/idds_local.cfg");
    let mode = |mode| {
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode))
            .expect("a mode");
    };
    mode(0o640);
    let error = place
        .read(&[])
        .and_then(|it| it.auth())
        .expect_err("open")
        .to_string();
    assert!(
        error.ends_with(&format!(
            "(mode 0640), run: chmod 600 {}, as it holds oidc_token",
            file.display()
        )),
        "{error}"
    );
    mode(0o600);
    assert!(place.read(&[]).and_then(|it| it.auth()).is_ok());
    mode(0o644);
    assert!(
        place
            .read(&[("IDDS_OIDC_TOKEN", "t")])
            .and_then(|it| it.auth())
            .is_ok(),
        "that of the variable counts"
    );
}
