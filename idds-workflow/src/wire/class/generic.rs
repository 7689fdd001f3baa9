//! Works without attributes of their own, or with few.

use super::EncodeWork;
use crate::wire::Remedies;
use crate::wire::run::{EntryMap, entries};
use crate::{ATLASActuatorWork, ATLASCondorWork, CustomWork, DataWork, ProcessingWork, TransformType, Work};

macro_rules! generic_class {
    ($work:ident, $module:literal, $v1_module:literal, $work_type:expr) => {
        impl EncodeWork for $work {
            fn class(&self) -> &str {
                stringify!($work)
            }

            fn module(&self) -> &str {
                $module
            }

            fn v1_module(&self) -> Option<&str> {
                Some($v1_module)
            }

            fn work_type(&self) -> Option<TransformType> {
                let work_type: fn(&Self) -> Option<TransformType> = $work_type;
                work_type(self)
            }

            fn write_own<M: EntryMap>(&self, _: Remedies, _: &mut M) -> Result<(), M::Error> {
                Ok(())
            }
        }
    };
}

generic_class!(Work, "idds.workflowv2.work", "idds.workflow.work", |work| work.work_type());
generic_class!(DataWork, "idds.workflowv2.datawork", "idds.workflow.datawork", |work| work.work_type());
generic_class!(ProcessingWork, "idds.workflowv2.processingwork", "idds.workflow.processingwork", |_| Some(
    TransformType::Processing
));
generic_class!(
    ATLASCondorWork,
    "idds.atlas.workflowv2.atlascondorwork",
    "idds.atlas.workflow.atlascondorwork",
    |work| work.work_type()
);

impl EncodeWork for CustomWork {
    fn class(&self) -> &str {
        self.class()
    }

    fn module(&self) -> &str {
        self.module()
    }

    // Whichever family the user's class extends: its module is the user's affair.
    fn v1_module(&self) -> Option<&str> {
        Some(self.module())
    }

    fn work_type(&self) -> Option<TransformType> {
        self.work_type()
    }

    fn write_own<M: EntryMap>(&self, _: Remedies, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl EncodeWork for ATLASActuatorWork {
    fn class(&self) -> &str {
        "ATLASActuatorWork"
    }

    fn module(&self) -> &str {
        "idds.atlas.workflowv2.atlasactuatorwork"
    }

    fn v1_module(&self) -> Option<&str> {
        Some("idds.atlas.workflow.atlasactuatorwork")
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Actuating)
    }

    fn write_own<M: EntryMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
        entries!(map; "output_json" => self.output_json(), "terminated": false);
        Ok(())
    }
}
