//! An input for a single value gets no field, which has a value for each point, face or instance. Volume grids go only to
//! inputs that accept grids.

use super::violations::Violations;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let structure = wiring.field_structure();
    for (index, (link, wire)) in wiring.links().enumerate() {
        let Some((from, input)) = wire
            .ends()
            .and_then(|(from, to)| Some((from, wiring.input(to)?)))
        else {
            continue;
        };
        let location = || link.location(index);
        let (grid, field) = (
            structure.grids.contains(&from),
            structure.fields.contains(&from),
        );
        if grid && !input.supports_grid {
            violations.add(
                location(),
                format!("{} does not accept a volume grid", link.to.socket),
            );
            violations.suggest("read values from the grid with a Sample Grid");
        } else if input.requires_grid && !grid && !structure.adaptive.contains(&from) {
            violations.add(
                location(),
                format!("{} needs a volume grid", link.to.socket),
            );
            violations.suggest("make a grid with a Field to Grid or a Mesh to Density Grid");
        } else if field && !grid && !input.supports_field {
            violations.add(
                location(),
                format!(
                    "{} needs a single value, but the link brings a field",
                    link.to.socket
                ),
            );
            violations
                .suggest("use the value of a Group Input, a Value node or an Attribute Statistic");
        }
    }
}
