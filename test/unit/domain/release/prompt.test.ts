import { expect } from 'chai';
import fc from 'fast-check';
import { defaultPrompt, promptSchema, renderPrompt } from '../../../../src/domain/release/prompt.js';

describe('prompt', () => {
  it('is the bare query where a release says nothing', () => {
    expect(promptSchema.parse({})).to.deep.equal({ system: null, template: '{query}', maxTokens: 256, temperature: 0 });
    expect(renderPrompt({ prompt: defaultPrompt, query: 'Where?' })).to.deep.equal([
      { role: 'user', content: 'Where?' },
    ]);
  });

  it('puts the system message first and the query wherever the template names it', () => {
    const prompt = { ...defaultPrompt, system: 'Be brief.', template: '{query} Again: {query}' };
    expect(renderPrompt({ prompt, query: 'Hm?' })).to.deep.equal([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hm? Again: Hm?' },
    ]);
  });

  it('inserts any query literally', () => {
    const prompt = { ...defaultPrompt, template: '<{query}>' };
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('{query}', '$&', '$1', '{query}$`')), (query) => {
        expect(renderPrompt({ prompt, query })).to.deep.equal([{ role: 'user', content: `<${query}>` }]);
      }),
    );
  });

  it('refuses a template without the query', () => {
    const refused = promptSchema.safeParse({ template: 'Hello' });
    expect(refused.error?.issues[0]).to.deep.include({ path: ['template'] });
    expect(refused.error?.issues[0]?.message).to.equal('expected a text that contains {query}');
  });
});
