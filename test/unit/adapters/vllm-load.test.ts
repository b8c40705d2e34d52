import { expect } from 'chai';
import { capacityOf, readVllmLoad } from '../../../src/adapters/vllm-serving/vllm-load.js';

const metrics = ({ waiting, usage }: { waiting: number; usage: number }): string =>
  [
    '# HELP vllm:num_requests_waiting Number of requests waiting to be processed.',
    '# TYPE vllm:num_requests_waiting gauge',
    `vllm:num_requests_waiting{engine="0",model_name="base"} ${waiting}.0`,
    `vllm:num_requests_waiting_by_reason{engine="0",model_name="base",reason="capacity"} 7.0`,
    `vllm:kv_cache_usage_perc{engine="0",model_name="base"} ${usage}`,
    'vllm:kv_cache_usage_perc{engine="1",model_name="base"} 0.1',
  ].join('\n');

describe('how busy vLLM is', () => {
  it('is read from its metrics, the fullest engine counting', () => {
    expect(readVllmLoad(metrics({ waiting: 2, usage: 0.42 }))).to.deep.equal({ waiting: 2, cacheUsage: 0.42 });
    expect(readVllmLoad('')).to.deep.equal({ waiting: null, cacheUsage: null });
  });

  it('leaves room where nobody waits and the cache is not full', () => {
    const of = (waiting: number, usage: number) => capacityOf(readVllmLoad(metrics({ waiting, usage })));
    expect(of(0, 0.42)).to.deep.equal({ enough: true, reason: 'nobody waits, and 42 % of the cache is in use < 90 %' });
    expect(of(3, 0.42)).to.deep.equal({ enough: false, reason: '3 requests wait, and 42 % of the cache is in use' });
    expect(of(0, 0.95).enough).to.equal(false);
    expect(capacityOf(readVllmLoad(''))).to.deep.equal({
      enough: true,
      reason: 'the endpoint does not say how busy it is',
    });
  });
});
