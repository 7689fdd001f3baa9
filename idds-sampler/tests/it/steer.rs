//! What holds for any bytes that a steering program is given: it may refuse them, but to what it accepts every sampler has an answer,
//! however strange the points so far are. The target `steer` in `fuzz/` looks for bytes for which this does not hold.

use idds_sampler::{Auto, CmaEs, GaussianProcess, Grid, Independent, QuasiRandom, Random, Tpe};
use idds_sampler::{Steering, UnitSpace};
use idds_workflow::{SearchPoint, SearchSpace, SteeringInput};

/// More takes longer than it teaches.
const MOST_POINTS: usize = 40;
const MOST_COORDINATES: usize = 40;

/// Hands bytes to every sampler.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(input) = serde_json::from_slice::<SteeringInput>(bytes) else {
        return;
    };
    let coordinates = match &input.opt_space {
        None => 0,
        Some(SearchSpace::Whole(space)) => UnitSpace::new(space).dimensions(),
        Some(SearchSpace::Segmented(spaces)) => spaces
            .segments()
            .map(|(_, space)| UnitSpace::new(space).dimensions())
            .sum(),
    };
    if input.points.len() > MOST_POINTS || coordinates > MOST_COORDINATES {
        return;
    }
    let samplers = [
        Steering::new(Auto),
        Steering::new(CmaEs),
        Steering::new(GaussianProcess),
        Steering::new(Grid::default()),
        Steering::new(Independent),
        Steering::new(QuasiRandom),
        Steering::new(Random),
        Steering::new(Tpe),
    ];
    for steering in samplers {
        let answer = steering.answer(&input, 3, input.points.len() + 2);
        assert_eq!(answer.0.len(), 2, "{steering:?}");
        assert!(
            steering.answer(&input, 3, input.points.len()).0.is_empty(),
            "{steering:?}"
        );
        for point in &answer.0 {
            let is_in_the_space = match (&input.opt_space, point) {
                (None, point) => point.values().as_map().is_empty(),
                (Some(SearchSpace::Whole(space)), SearchPoint::Whole(point)) => {
                    space.check(point).is_ok()
                }
                (Some(SearchSpace::Segmented(spaces)), SearchPoint::Segmented(point)) => {
                    spaces.check(point).is_ok()
                }
                _ => false,
            };
            assert!(is_in_the_space, "{steering:?}: {point:?}");
        }
        let written = serde_json::to_string(&answer).expect("JSON");
        assert_eq!(
            serde_json::from_str(&written).ok(),
            Some(answer),
            "{written}"
        );
    }
}

#[test]
fn what_was_found_stays_fixed() -> std::io::Result<()> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found/steer");
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        check(&std::fs::read(entry?.path())?);
        count += 1;
    }
    assert!(count > 0, "there is no input");
    Ok(())
}
