// The schema of the settings of protocols, as each of them gives it: in a suite or a profile, and in an environment.

import type { z } from 'zod';
import { protocolSettings } from '../protocols/settings-registry.ts';
import * as words from './schema-fields.ts';
import { strictObject } from './schema-fields.ts';

type Shape = Readonly<Record<string, z.ZodType>>;

const shapes = protocolSettings.map((one) => {
  const schema = strictObject(one.shape(words) as Shape, one.example).optional();
  return { name: one.name, schema, inEnvironments: one.server !== undefined };
});

/** The keys of protocols in suites and in profiles. */
export const settingsShape: Shape = Object.fromEntries(shapes.map(({ name, schema }) => [name, schema]));

/** In environments: of those that talk to a server of their own. */
export const serversShape: Shape = Object.fromEntries(
  shapes.filter(({ inEnvironments }) => inEnvironments).map(({ name, schema }) => [name, schema]),
);
