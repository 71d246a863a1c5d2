//! What needs one value gets no field, which is a value for each point, face or instance; and volume grids go where grids
//! are taken.

use super::{Found, of_link};
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    let structure = wiring.structure();
    for (index, (link, wire)) in wiring.links().enumerate() {
        let Some((from, input)) = wire
            .ends()
            .and_then(|(from, to)| Some((from, wiring.input(to)?)))
        else {
            continue;
        };
        let place = || of_link(index, link);
        let (grid, field) = (
            structure.grids.contains(&from),
            structure.fields.contains(&from),
        );
        if grid && !input.supports_grid {
            found.add(place(), format!("{} takes no volume grid", link.to.socket));
            found.suggest("take values from the grid with a Sample Grid");
        } else if input.requires_grid && !grid && !structure.adapting.contains(&from) {
            found.add(place(), format!("{} needs a volume grid", link.to.socket));
            found.suggest("make one, with a Field to Grid or a Mesh to Density Grid");
        } else if field && !grid && !input.supports_field {
            found.add(
                place(),
                format!("{} needs one value, and this is a field", link.to.socket),
            );
            found.suggest(
                "take the value from a Group Input, a Value node or an Attribute Statistic",
            );
        }
    }
}
