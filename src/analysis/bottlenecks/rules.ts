// All rules about bottlenecks. The order is the last to decide between two that are equal otherwise: what is particular
// stands before what is general. Used by bottlenecks.ts.

import { bottleneckRuleIds } from '../../model/bottleneck.ts';
import type { Rule } from './rule.ts';
import { applicationRules } from './rules-application.ts';
import { databaseRules } from './rules-database.ts';
import { loadRules } from './rules-load.ts';
import { machineRules } from './rules-machine.ts';

const byId = new Map(
  [...loadRules, ...databaseRules, ...machineRules, ...applicationRules].map((rule) => [rule.id, rule]),
);

/** In the order in which limits are listed, which is that of model/bottleneck.ts. */
export const bottleneckRules: readonly Rule[] = bottleneckRuleIds.map((id) => byId.get(id)!);
