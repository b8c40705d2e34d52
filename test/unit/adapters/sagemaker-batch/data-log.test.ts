import { expect } from 'chai';
import { spoiltIn } from '../../../../src/adapters/sagemaker-batch/data-log.js';

const at = '2026-11-22T04:08:19.666:[sagemaker logs]:';

describe('the log of the data of a transform job', () => {
  it('says of each file with which status it was spoilt, and what the server said', () => {
    const lines = [
      `${at} MaxConcurrentTransforms=8, MaxPayloadInMB=6, BatchStrategy=SINGLE_RECORD`,
      `${at} bucket/offline/b/questions/j/0001.jsonl: ClientError: 400`,
      `${at} bucket/offline/b/questions/j/0001.jsonl: `,
      `${at} bucket/offline/b/questions/j/0001.jsonl: Message:`,
      `${at} bucket/offline/b/questions/j/0001.jsonl: {"error":"maximum context length"}`,
      `${at} bucket/offline/b/questions/j/0002.jsonl: Bad HTTP status received from algorithm: 500`,
      `${at} bucket/offline/b/questions/j/0003.jsonl: Unable to get response from algorithm`,
    ];
    expect(Object.fromEntries(spoiltIn(lines))).to.deep.equal({
      '0001.jsonl': { status: 400, reason: 'ClientError: 400: {"error":"maximum context length"}' },
      '0002.jsonl': { status: 500, reason: 'Bad HTTP status received from algorithm: 500' },
      '0003.jsonl': { status: null, reason: 'Unable to get response from algorithm' },
    });
  });

  it('takes the status of another line of the file where the first had none, and a reason that is not endless', () => {
    const file = `${at} bucket/k/0000.jsonl:`;
    const [spoilt] = spoiltIn([
      `${file} Unable to get response`,
      `${file} ClientError: 422`,
      `${file} ${'x'.repeat(9000)}`,
    ]).values();
    expect(spoilt!.status).to.equal(422);
    expect(spoilt!.reason.length).to.equal(500);
    expect(spoiltIn(['', 'Serving on port 8080', '{"json": true}']).size).to.equal(0);
  });
});
