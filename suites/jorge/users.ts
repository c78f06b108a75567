// Who uses the platform, what they do, and how long they think. Mixes are MIX-1 to MIX-3 of the README.

import type { UserDefinition } from 'plimsoll';
import {
  browse,
  calculatePrice,
  calculateSavings,
  listUsers,
  logIn,
  readRoiReport,
  viewAnalytics,
  viewOverview,
  writeRate,
} from './requests.ts';

export const users = {
  business: {
    description: 'JorgePlatformUser: normal business operations',
    weight: 70,
    thinkTime: ['250ms', '750ms'],
    tasks: {
      pricing_calculate: { weight: 50, run: calculatePrice },
      analytics_view: { weight: 20, run: viewAnalytics },
      roi_report: { weight: 15, run: readRoiReport },
      savings_calculate: { weight: 10, run: calculateSavings },
      other: { weight: 5, run: browse },
    },
  },
  peak: {
    description: 'PeakTrafficUser: a visitor of a marketing campaign',
    weight: 20,
    thinkTime: ['800ms', '1600ms'],
    tasks: {
      pricing_calculate: { weight: 60, run: calculatePrice },
      analytics_view: { weight: 30, run: viewAnalytics },
      roi_report: { weight: 10, run: readRoiReport },
    },
  },
  admin: {
    description: 'Admin operations, behind a login',
    weight: 10,
    thinkTime: ['1s', '3s'],
    onStart: logIn,
    tasks: {
      admin_overview: { weight: 60, run: viewOverview },
      admin_users: { weight: 35, run: listUsers },
      admin_rates: { weight: 5, run: writeRate },
    },
  },
} satisfies Record<string, UserDefinition>;
