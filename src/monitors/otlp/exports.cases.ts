// One `ExportMetricsServiceRequest` with points of all kinds, as Google's own encoder (protobuf 6 for Python) wrote it
// after opentelemetry/proto: in protobuf, and in JSON with the names of enums.

export const protobufExport = Buffer.from(
  'CuAECjwKFgoMc2VydmljZS5uYW1lEgYKBHNob3AKIgoUcHJvY2Vzcy5jb21tYW5kX2FyZ3MSCioICgYKBG5vZGUSnwQKBQoDbGli' +
    'ElsKDHF1ZXVlLmxlbmd0aBoBMSpICkYZAPIvYP+clxcx/f////////86FAoFc2hhcmQSCxj7//////////8BOgkKA2hvdBICEAE6' +
    'EQoEbG9hZBIJIQAAAAAAAOA/EmYKDWh0dHAucmVxdWVzdHM6VQoqEQAAKjb+nJcXGQDyL2D/nJcXIQAAAAAAgDFAOg0KBGNvZGUS' +
    'BQoDMjAwCiMRAAAqNv6clxcZAPIvYP+clxc6DQoEY29kZRIFCgM1MDBAARACGAESKQoEam9iczohChsRAAAqNv6clxcZAPIvYP+c' +
    'lxcxBAAAAAAAAAAQARgBEmUKDWh0dHAuZHVyYXRpb25KVApQEQAAKjb+nJcXGQDyL2D/nJcXIQYAAAAAAAAAKQAAAAAAACNAMhgD' +
    'AAAAAAAAAAIAAAAAAAAAAQAAAAAAAAA6EAAAAAAAAPA/AAAAAAAABEAQAhJcCgxleHAuZHVyYXRpb25STApIEQAAKjb+nJcXGQDy' +
    'L2D/nJcXIQYAAAAAAAAAKQAAAAAAACNAMAI5AQAAAAAAAABCBwgDEgMBAANKBQgIEgEBcQAAAAAAANA/EAESRgoIcnBjLndhaXRa' +
    'Ogo4EQAAKjb+nJcXGQDyL2D/nJcXIQMAAAAAAAAAKQAAAAAAABpAMhIJzczMzMzM7D8RAAAAAAAAEkASGQoKbm90LndhbnRlZCoL' +
    'CgkhAAAAAAAA8D8=',
  'base64',
);

export const jsonExport = JSON.stringify({
  resourceMetrics: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'shop' } },
          { key: 'process.command_args', value: { arrayValue: { values: [{ stringValue: 'node' }] } } },
        ],
      },
      scopeMetrics: [
        {
          scope: { name: 'lib' },
          metrics: [
            {
              name: 'queue.length',
              unit: '1',
              gauge: {
                dataPoints: [
                  {
                    timeUnixNano: '1700000005000000000',
                    asInt: '-3',
                    attributes: [
                      { key: 'shard', value: { intValue: '-5' } },
                      { key: 'hot', value: { boolValue: true } },
                      { key: 'load', value: { doubleValue: 0.5 } },
                    ],
                  },
                ],
              },
            },
            {
              name: 'http.requests',
              sum: {
                dataPoints: [
                  {
                    startTimeUnixNano: '1700000000000000000',
                    timeUnixNano: '1700000005000000000',
                    asDouble: 17.5,
                    attributes: [{ key: 'code', value: { stringValue: '200' } }],
                  },
                  {
                    startTimeUnixNano: '1700000000000000000',
                    timeUnixNano: '1700000005000000000',
                    attributes: [{ key: 'code', value: { stringValue: '500' } }],
                    flags: 1,
                  },
                ],
                aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
                isMonotonic: true,
              },
            },
            {
              name: 'jobs',
              sum: {
                dataPoints: [
                  {
                    startTimeUnixNano: '1700000000000000000',
                    timeUnixNano: '1700000005000000000',
                    asInt: '4',
                  },
                ],
                aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA',
                isMonotonic: true,
              },
            },
            {
              name: 'http.duration',
              histogram: {
                dataPoints: [
                  {
                    startTimeUnixNano: '1700000000000000000',
                    timeUnixNano: '1700000005000000000',
                    count: '6',
                    sum: 9.5,
                    bucketCounts: ['3', '2', '1'],
                    explicitBounds: [1.0, 2.5],
                  },
                ],
                aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
              },
            },
            {
              name: 'exp.duration',
              exponentialHistogram: {
                dataPoints: [
                  {
                    startTimeUnixNano: '1700000000000000000',
                    timeUnixNano: '1700000005000000000',
                    count: '6',
                    sum: 9.5,
                    scale: 1,
                    zeroCount: '1',
                    positive: { offset: -2, bucketCounts: ['1', '0', '3'] },
                    negative: { offset: 4, bucketCounts: ['1'] },
                    zeroThreshold: 0.25,
                  },
                ],
                aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA',
              },
            },
            {
              name: 'rpc.wait',
              summary: {
                dataPoints: [
                  {
                    startTimeUnixNano: '1700000000000000000',
                    timeUnixNano: '1700000005000000000',
                    count: '3',
                    sum: 6.5,
                    quantileValues: [{ quantile: 0.9, value: 4.5 }],
                  },
                ],
              },
            },
            { name: 'not.wanted', gauge: { dataPoints: [{ asDouble: 1.0 }] } },
          ],
        },
      ],
    },
  ],
});
