import { expect } from 'chai';
import { refusalRetry } from '../../../../src/adapters/s3-store/refusal-retry.js';

const failure = ({ name, status }: { name: string; status?: number }) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });

async function delaysOf(error: Error & { $metadata: object }): Promise<{ delays: number[]; end: unknown }> {
  const strategy = refusalRetry({ random: () => 1 });
  const delays: number[] = [];
  let token = await strategy.acquireInitialRetryToken('');
  for (;;)
    try {
      token = await strategy.refreshRetryTokenForRetry(token, { error: error as never, errorType: 'TRANSIENT' });
      delays.push(token.getRetryDelay());
    } catch (end) {
      return { delays, end };
    }
}

describe('refusalRetry', () => {
  it('asks again what was refused, after waits that double, and gives up with the refusal', async () => {
    const refusal = failure({ name: 'SlowDown', status: 503 });
    expect(await delaysOf(refusal)).to.deep.equal({ delays: [100, 200, 400, 800], end: refusal });
    expect((await delaysOf(failure({ name: 'TooManyRequests', status: 429 }))).delays).to.have.length(4);
  });

  it('asks nothing again that may have been done, or will be refused again', async () => {
    for (const error of [
      failure({ name: 'TimeoutError' }),
      failure({ name: 'InternalError', status: 500 }),
      failure({ name: 'PreconditionFailed', status: 412 }),
      failure({ name: 'AccessDenied', status: 403 }),
    ])
      expect(await delaysOf(error)).to.deep.equal({ delays: [], end: error });
  });
});
