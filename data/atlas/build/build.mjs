// Builds the embedded atlas into the folder above. See README.md.
import { buildLand } from './lib/land.mjs';
import { buildCounties, buildRegions, unitsWithRegion } from './lib/regions.mjs';
import { buildSettlements } from './lib/settlements.mjs';
import { buildTables } from './lib/tables.mjs';

const units = unitsWithRegion();
await buildLand();
const regions = await buildRegions(units);
await buildCounties();
await buildSettlements(units, regions);
buildTables(regions);
