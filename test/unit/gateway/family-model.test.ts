import { expect } from 'chai';
import { modelFor } from '../../../src/gateway/family-model.js';
import { HttpError } from '../../../src/gateway/http-error.js';
import type { ModelState } from '../../../src/gateway/plan-reader.js';

const stateOf = (model: string, family: string | null, domain: string | null) =>
  ({ plan: { model }, family, domain }) as unknown as ModelState;
const all = [stateOf('s.home', 's', 'home'), stateOf('s.fashion', 's', 'fashion'), stateOf('support', null, null)];
const plans = {
  states: () => all,
  state: (model: string) => all.find(({ plan }) => plan.model === model) ?? null,
};
const named = (name: string, filters?: Record<string, unknown>) => modelFor({ plans, name, filters });

describe('the model that a name stands for', () => {
  it('is the model of that name, whatever the filters say', () => {
    expect(named('support', { domain: 'home' })).to.equal('support');
    expect(named('s.home', { domain: 'fashion' })).to.equal('s.home');
  });

  it('is that of the domain in a family', () => {
    expect(named('s', { domain: 'fashion' })).to.equal('s.fashion');
  });

  it('is refused for a domain that the family lacks, naming those it has', () => {
    for (const filters of [undefined, {}, { domain: 'toys' }, { domain: ['home'] }, { domain: null }])
      expect(() => named('s', filters))
        .to.throw(HttpError, 'filters.domain: s is a family of models; expected one of home, fashion')
        .with.property('statusCode', 400);
  });

  it('stays what it is where nobody knows it, which is answered 404', () => {
    expect(named('unknown', { domain: 'home' })).to.equal('unknown');
    expect(named('__proto__')).to.equal('__proto__');
  });
});
