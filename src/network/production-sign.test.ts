import { describe, expect, test } from 'vitest';
import { canonicalHost } from './host-name.ts';
import { isProductionName, productionSign } from './production-sign.ts';

describe('productionSign', () => {
  test.each([
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.1.2.3', '192.168.0.7', '172.16.0.1', '172.31.0.1'],
    ...[
      '169.254.1.1',
      '100.64.0.1',
      '100.127.255.254',
      '198.18.0.1',
      '198.19.255.254',
      '127.1',
      '2130706433',
    ],
    ...[
      '[::1]',
      '[::]',
      '[fd00::1]',
      '[fc00::1]',
      '[fe80::1]',
      'fe80::1%eth0',
      '[fec0::1]',
      '[::ffff:7f00:1]',
    ],
    ...['::ffff:a00:1', '::ffff:10.0.0.1', '::ffff:100.64.0.1', '64:ff9b::10.0.0.1', '2002:a00:1::1'],
    ...['localhost', 'LOCALHOST.', 'api', 'shop.local', 'shop.test', 'a.localhost', 'db.internal', 'nas.lan'],
    ...['api.shop.svc', 'api.shop.svc.cluster.local', 'printer.home.arpa', 'vm.localdomain', 'wiki.corp'],
    ...['host.docker.internal', 'db.private', 'x.intranet', 'router.home', 'a.service.consul'],
    ...['staging.example.com', 'dev.example.com', 'api.qa2.example.com', 'shop-uat.example.com', 'perf.x.io'],
    ...['www.staging.example.com', 'pre-prod.example.com', 'nonprod.example.com', 'load.example.co.uk'],
    ...[
      'pre-prod1.example.com',
      'non-prod-eu.example.com',
      'pre-production.example.com',
      'preprd.example.com',
    ],
    ...['products-api.lan', 'product.svc', 'reproduction.test', 'livestream.lan', 'prodigy', 'alive.local'],
    ...['api-nonprod.internal', 'delivery.lan', 'olive.local', 'prototype.svc'],
  ])('lets %s be', (host) => {
    expect(productionSign(host)).toBeUndefined();
  });

  test.each([
    ...['8.8.8.8', '172.32.0.1', '100.128.0.1', '198.20.0.1', '203.0.113.9', '1.1', '134744072', '11.0.0.1'],
    ...['[2001:db8::1]', '[::ffff:808:808]', '[64:ff9b::8.8.8.8]', '2002:808:808::1', '[2606:4700::1111]'],
    ...['example.com', 'www.example.com', 'api.example.com', 'testing.com', 'shop.dev', 'latest.example.com'],
    ...['prod.example.com', 'api-prod.example.com', 'production', 'db.prod.internal', 'shop.prd.lan', 'prd'],
    ...[
      'live.staging.example.com',
      'api-prod.x',
      'prod1',
      'prod-eu',
      'eu-prod-2.svc',
      '01prod.lan',
      'PROD.LAN.',
    ],
    ...[
      'prod_db.internal',
      'db-live1.local',
      'prd2-api.home.arpa',
      'xprod.example.com',
      'shop.svc.example.com',
    ],
    ...['home.arpa.example.org', 'bücher.example.com', 'лайв.рф'],
  ])('finds a sign in %s', (host) => {
    expect(productionSign(host)).toContain(canonicalHost(host));
  });
});

test('environments are production by any word of their name', () => {
  for (const name of [
    'prod',
    'PROD',
    'production',
    'live',
    'prd',
    'prod-eu',
    'eu-prod',
    'eu_prd_2',
    'prod1',
  ]) {
    expect(isProductionName(name), name).toBe(true);
  }
  for (const name of ['euProd', 'prod.eu', 'prod eu', 'live/blue', 'shop:production']) {
    expect(isProductionName(name), name).toBe(true);
  }
  for (const name of [
    'local',
    'staging',
    'preprod',
    'pre-prod',
    'non-prod',
    'nonprod2',
    'preProd',
    'product',
  ]) {
    expect(isProductionName(name), name).toBe(false);
  }
  for (const name of ['reproduction', 'livestream', 'delivery', 'products-qa', '']) {
    expect(isProductionName(name), name).toBe(false);
  }
});
