//! What the steering of a search does with whatever it is given.

mod steer;
