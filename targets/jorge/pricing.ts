// Pricing and savings: rules from PostgreSQL through the cache, and the arithmetic on them.

import type { Database, Statement } from '../../src/target-kit/database.ts';
import type { Cache } from './cache.ts';

export const plans = ['starter', 'growth', 'enterprise'] as const;
type Queries = Pick<Database, 'query'>;

const rulesTtlMs = 30_000;
const keyPrefix = 'pricing:';

export interface PricingRules {
  readonly currency: string;
  /** Price of one lead before discount. */
  readonly rate: number;
  readonly platformFee: number;
  /** Share of the expected revenue, 0..1. */
  readonly successRatio: number;
  /** Ascending by `fromLeads`, the first from 0; the discount holds for the leads of its tier. */
  readonly tiers: readonly { readonly fromLeads: number; readonly discountRatio: number }[];
}

export interface PricingInput {
  readonly leads: number;
  /** Share of leads that become customers, 0..1. */
  readonly conversionRate: number;
  readonly avgDealValue: number;
}

const selectRules: Statement = {
  name: 'pricing-rules',
  text: `SELECT p.currency, p.rate::float8, p.platform_fee::float8, p.success_ratio::float8,
      json_agg(json_build_object('fromLeads', t.from_leads, 'discountRatio', t.discount_ratio)
        ORDER BY t.from_leads) AS tiers
    FROM pricing_plans AS p JOIN pricing_tiers AS t USING (plan) WHERE p.plan = $1 GROUP BY p.plan`,
};
const updateRate: Statement = {
  name: 'pricing-update-rate',
  text: `UPDATE pricing_plans SET rate = $2, updated_at = now() WHERE plan = $1
    RETURNING rate::float8, updated_at`,
};

interface RulesRow {
  currency: string;
  rate: number;
  platform_fee: number;
  success_ratio: number;
  tiers: PricingRules['tiers'];
}

/** The rules of a plan, at most 30 s old; `cached` says whether they came from the cache. */
export function readRules(database: Queries, cache: Cache, plan: string) {
  return cache.get<PricingRules>(keyPrefix + plan, rulesTtlMs, async () => {
    const [row] = await database.query<RulesRow>(selectRules, [plan]);
    if (row === undefined) throw new Error(`plan ${plan} has no pricing rules`);
    return {
      currency: row.currency,
      rate: row.rate,
      platformFee: row.platform_fee,
      successRatio: row.success_ratio,
      tiers: row.tiers,
    };
  });
}

/** Writes a plan's rate and drops the cached rules, so that the next price uses it. */
export async function writeRate(database: Database, cache: Cache, plan: string, rate: number) {
  const [row] = await database.query<{ rate: number; updated_at: Date }>(updateRate, [plan, rate]);
  cache.invalidate(keyPrefix);
  return { plan, rate: row!.rate, updatedAt: row!.updated_at };
}

/** Platform fee + tiered price of the leads + share of the expected revenue, each rounded to cents. */
export function calculatePrice(rules: PricingRules, input: PricingInput) {
  const tiers: { fromLeads: number; leads: number; unitPrice: number; amount: number }[] = [];
  for (const [index, tier] of rules.tiers.entries()) {
    const end = rules.tiers[index + 1]?.fromLeads ?? Number.POSITIVE_INFINITY;
    const leads = Math.min(input.leads, end) - tier.fromLeads;
    if (leads <= 0) break;
    const unitPrice = rules.rate * (1 - tier.discountRatio);
    tiers.push({
      fromLeads: tier.fromLeads,
      leads,
      unitPrice: cents(unitPrice),
      amount: cents(leads * unitPrice),
    });
  }
  const leadPrice = cents(tiers.reduce((sum, tier) => sum + tier.amount, 0));
  const expectedRevenue = input.leads * input.conversionRate * input.avgDealValue;
  const successFee = cents(expectedRevenue * rules.successRatio);
  return {
    price: cents(rules.platformFee + leadPrice + successFee),
    currency: rules.currency,
    breakdown: {
      platformFee: rules.platformFee,
      leads: leadPrice,
      successFee,
      expectedRevenue: cents(expectedRevenue),
      tiers,
    },
  };
}

// 365.25 days over 12 months over 7 days.
const weeksPerMonth = 365.25 / 12 / 7;

/** What automating a share (0..1) of the weekly hours saves. */
export function calculateSavings(input: {
  readonly hoursPerWeek: number;
  readonly hourlyRate: number;
  readonly automationShare: number;
}) {
  const weekly = input.hoursPerWeek * input.hourlyRate * input.automationShare;
  return {
    monthlySavings: cents(weekly * weeksPerMonth),
    yearlySavings: cents(weekly * weeksPerMonth * 12),
  };
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
