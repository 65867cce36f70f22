import { createCatalogue } from './catalogue.ts';
import { SHIPPED_PACKS } from './packs/shipped.ts';

/** The packs in force. Shared by all who judge, so that what is worked out once per zone and day is worked out once. */
export const SHIPPED_CATALOGUE = createCatalogue(SHIPPED_PACKS);
