//! What steering does with whatever it is given.

mod steer;
