//! Enumerations of the server: closed for matching, open on the wire.

/// Declares an enumeration whose values are the server's numbers, with `Unknown` for the numbers it does not name.
///
/// The order of declaration is the order of the Python enumeration, which stands on the wire as `_sort_order_`;
/// `as "name"` gives a server's name that is not one for Rust.
macro_rules! open_enum {
    (@name $variant:ident) => { stringify!($variant) };
    (@name $variant:ident $wire:literal) => { $wire };
    (
        $(#[$doc:meta])*
        $name:ident { $( $(#[$variant_doc:meta])* $variant:ident $(as $wire:literal)? = $code:literal ),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_doc])* $variant, )+
            /// A number this version of the crate has no name for.
            Unknown(i64),
        }

        impl $name {
            pub(crate) const NAMED: &'static [(i64, &'static str, Self)] = &[ $( ($code, open_enum!(@name $variant $($wire)?), Self::$variant) ),+ ];

            /// Returns the value with this number; every number has one.
            pub fn from_code(code: i64) -> Self {
                match code {
                    $( $code => Self::$variant, )+
                    other => Self::Unknown(other),
                }
            }

            /// Returns the value with this name of the server's, none for an unknown one.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::NAMED.iter().find(|named| named.1 == name).map(|named| named.2)
            }

            /// Returns the number the server uses.
            pub fn code(self) -> i64 {
                match self {
                    $( Self::$variant => $code, )+
                    Self::Unknown(code) => code,
                }
            }

            /// Returns the server's name of the value, none for an unknown number.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $( Self::$variant => Some(open_enum!(@name $variant $($wire)?)), )+
                    Self::Unknown(_) => None,
                }
            }
        }

        /// Writes the name, or the number of an unknown value.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => self.code().fmt(f),
                }
            }
        }

        impl $crate::wire::Enumeration for $name {
            const CLASS: &'static str = stringify!($name);

            fn from_code(code: i64) -> Self {
                Self::from_code(code)
            }

            fn code(self) -> i64 {
                self.code()
            }

            fn member(self) -> Option<(usize, &'static str)> {
                Self::NAMED.iter().enumerate().find(|(_, named)| named.2 == self).map(|(order, named)| (order, named.1))
            }
        }
    };
}

pub(crate) use open_enum;
