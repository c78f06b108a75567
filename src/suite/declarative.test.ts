// biome-ignore-all lint/suspicious/noTemplateCurlyInString: suites without code hold such placeholders
import { describe, expect, test } from 'vitest';
import type { CheckFunction, HttpOptions, HttpResponse, TaskContext } from '../model/context.ts';
import { compileRequests } from './declarative.ts';

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly options: HttpOptions | undefined;
}

/** A context that answers every request with `body` and remembers what was sent and checked. */
function makeContext(body: string, error: HttpResponse['error'] = null) {
  const sent: Sent[] = [];
  const checked: Record<string, boolean> = {};
  const request = (method: string, url: string, options?: HttpOptions) => {
    sent.push({ method, url, options });
    const response = {
      status: 200,
      url,
      error,
      timings: { duration: 20 },
      text: () => body,
      json: () => JSON.parse(body) as unknown,
    };
    return Promise.resolve(response as HttpResponse);
  };
  const check: CheckFunction = (value, predicates) => {
    for (const [name, predicate] of Object.entries(predicates)) {
      checked[name] = typeof predicate === 'function' ? predicate(value) : predicate;
    }
    return true;
  };
  const context = {
    http: { request },
    check,
    session: { token: 'abc' },
    data: { items: [{ sku: 7 }] },
    vu: { id: 3, scenario: 's', user: 'u', random: () => 0.5 },
    iteration: 4,
    env: { REGION: 'eu' },
  } as unknown as TaskContext;
  return { context, sent, checked };
}

describe('compileRequests', () => {
  test('a request takes its rows when it is sent, and its checks expect what stands in them', async () => {
    const { context, sent, checked } = makeContext('{"tax":22}');
    const taken: string[] = [];
    const row = (name: string) => {
      taken.push(name);
      return Promise.resolve(name === 'cases' ? { net: 100, tax: '22' } : { city: 'Roma' });
    };
    await compileRequests(
      [
        { url: '/plain' },
        {
          url: '/${places.city}',
          json: { net: '${cases.net}' },
          checks: { right: { json: { tax: '${cases.tax}' } } },
        },
      ],
      { data: { cases: {}, places: {}, unused: {} } },
    )({ ...context, row } as never);
    expect(taken).toEqual(['places', 'cases']);
    expect(sent[1]).toMatchObject({ url: '/Roma', options: { json: { net: 100 } } });
    expect(checked).toEqual({ right: true });
  });

  test('fills in every template, and keeps the type of a lone one in json', async () => {
    const { context, sent } = makeContext('{}');
    await compileRequests([
      {
        method: 'post',
        url: '/vu/${vu.id}/${ iteration }/${random}?r=${env.REGION}',
        headers: { authorization: 'Bearer ${session.token}', accept: 'x' },
        json: {
          sku: '${data.items.0.sku}',
          text: 'sku ${data.items.0.sku}',
          list: [1, '${iteration}'],
          none: null,
        },
        tags: { vu: '${vu.id}' },
      },
      { url: '/plain', params: { page: 2 } },
    ])(context);
    expect(sent).toEqual([
      {
        method: 'POST',
        url: '/vu/3/4/500000?r=eu',
        options: {
          headers: { authorization: 'Bearer abc', accept: 'x' },
          json: { sku: 7, text: 'sku 7', list: [1, 4], none: null },
          tags: { vu: '3' },
        },
      },
      { method: 'GET', url: '/plain', options: { params: { page: 2 } } },
    ]);
  });

  test('hands over the same options object each time when nothing changes', async () => {
    const { context, sent } = makeContext('{}');
    const task = compileRequests([{ url: '/', headers: { a: 'b' }, json: { c: 1 } }]);
    await task(context);
    await task(context);
    expect(sent[0]?.options).toBe(sent[1]?.options);
  });

  test('checks status, body and duration', async () => {
    const { context, checked } = makeContext('hello');
    await compileRequests([
      {
        url: '/',
        checks: {
          all: { status: [200, 201], bodyContains: 'ell', maxDuration: '20ms' },
          status: { status: 201 },
          body: { bodyContains: 'bye' },
          slow: { maxDuration: 19 },
        },
      },
    ])(context);
    expect(checked).toEqual({ all: true, status: false, body: false, slow: false });
  });

  test('saves from the answer for the requests after it', async () => {
    const { context, sent } = makeContext('{"auth":{"token":"t1"},"ids":[9]}');
    await compileRequests([
      { url: '/login', save: { token: 'auth.token', id: 'ids.0' } },
      { url: '/me/${session.id}', headers: { authorization: '${session.token}' } },
    ])(context);
    expect(sent[1]).toMatchObject({ url: '/me/9', options: { headers: { authorization: 't1' } } });
  });

  test('numbers that JavaScript would change are saved, and sent, with their digits', async () => {
    const { context, sent } = makeContext(
      '{"id":9007199254740993,"price":1.10,"items":[{"id":12345678901234567890}],"small":7}',
    );
    await compileRequests([
      { url: '/a', save: { id: 'id', price: 'price', items: 'items', small: 'small' } },
      {
        method: 'put',
        url: '/items/${session.id}?price=${session.price}&all=${session.items}',
        headers: { accept: 'x' },
        json: {
          id: '${session.id}',
          price: '${session.price}',
          text: 'no ${session.id}',
          all: '${session.items}',
        },
      },
      { url: '/b', json: { small: '${session.small}' } },
    ])(context);
    expect(context.session.id).toBe(9_007_199_254_740_993n);
    expect(context.session.small).toBe(7);
    expect(sent[1]).toEqual({
      method: 'PUT',
      url: '/items/9007199254740993?price=1.10&all=[{"id":12345678901234567890}]',
      options: {
        headers: { 'content-type': 'application/json', accept: 'x' },
        body: '{"id":9007199254740993,"price":1.10,"text":"no 9007199254740993","all":[{"id":12345678901234567890}]}',
      },
    });
    expect(sent[2]!.options).toEqual({ json: { small: 7 } });
  });

  test('fills in templates within lists of parameters and fields', async () => {
    const { context, sent } = makeContext('{}');
    await compileRequests([{ url: '/', params: { id: ['${iteration}', 'x'] }, form: { a: ['${vu.id}'] } }])(
      context,
    );
    expect(sent[0]!.options).toEqual({ params: { id: ['4', 'x'] }, form: { a: ['3'] } });
  });

  test('names what has no value', async () => {
    const { context } = makeContext('{"a":1}');
    await expect(compileRequests([{ url: '/${session.gone}' }])(context)).rejects.toThrow('${session.gone}');
    await expect(compileRequests([{ url: '/x', save: { t: 'a.b' } }])(context)).rejects.toThrow(
      'save.t: the answer of GET /x has no "a.b"',
    );
    const failed = makeContext('', { code: 'timeout', message: 'no answer in 5s' });
    await expect(compileRequests([{ url: '/x', save: { t: 'a' } }])(failed.context)).rejects.toThrow(
      'no answer in 5s',
    );
  });

  test('refuses a template of an unknown kind before anything is sent', () => {
    expect(() => compileRequests([{ url: '/${user.name}' }])).toThrow('${user.name} is not known');
  });
});
