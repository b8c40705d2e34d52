import { expect } from 'chai';
import { MlflowArgumentError } from '../../src/errors.js';
import { encodeExportRequest, newSpanId, newTraceId } from '../../src/otlp.js';
import type { SpanInput } from '../../src/otlp.js';

const span: SpanInput = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 'answer',
  startedAt: 1_795_234_037_485.25,
  endedAt: 1_795_234_037_486,
};

describe('otlp', () => {
  it('makes ids of the right length', () => {
    expect(newTraceId()).to.match(/^[0-9a-f]{32}$/);
    expect(newSpanId()).to.match(/^[0-9a-f]{16}$/);
  });

  it("encodes as the protocol's JSON: hexadecimal ids, 64-bit numbers as text", () => {
    const attributes = {
      text: 'a',
      whole: 3,
      half: 0.5,
      yes: true,
      nothing: null,
      absent: undefined,
      list: [1, 'x'],
      inner: { a: 1 },
    };
    const request = encodeExportRequest({
      spans: [{ ...span, kind: 'server', status: 'error', statusMessage: 'no', attributes }],
      resource: { 'service.name': 'gateway' },
    });
    expect(request).to.deep.equal({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'gateway' } }] },
          scopeSpans: [
            {
              scope: { name: 'mlflow-ts-client' },
              spans: [
                {
                  traceId: 'a'.repeat(32),
                  spanId: 'b'.repeat(16),
                  name: 'answer',
                  kind: 2,
                  startTimeUnixNano: '1795234037485250000',
                  endTimeUnixNano: '1795234037486000000',
                  attributes: [
                    { key: 'text', value: { stringValue: 'a' } },
                    { key: 'whole', value: { intValue: '3' } },
                    { key: 'half', value: { doubleValue: 0.5 } },
                    { key: 'yes', value: { boolValue: true } },
                    { key: 'nothing', value: {} },
                    { key: 'list', value: { arrayValue: { values: [{ intValue: '1' }, { stringValue: 'x' }] } } },
                    { key: 'inner', value: { kvlistValue: { values: [{ key: 'a', value: { intValue: '1' } }] } } },
                  ],
                  events: [],
                  status: { code: 2, message: 'no' },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  const refused = {
    'a short trace id': [{ traceId: 'abc' }, 'traceId is "abc"'],
    'a span id of zeros': [{ spanId: '0'.repeat(16) }, 'not all zero'],
    'capital digits': [{ parentSpanId: 'B'.repeat(16) }, 'lower-case'],
    'an end before the start': [{ endedAt: 1 }, 'before its start'],
    'a time that is none': [{ startedAt: NaN }, 'startedAt is NaN'],
  } as const;
  for (const [what, [change, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, () =>
      expect(() => encodeExportRequest({ spans: [{ ...span, ...change }] })).to.throw(MlflowArgumentError, message));
  }
});
