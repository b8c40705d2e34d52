import { expect } from 'chai';
import { MlflowArgumentError, MlflowResponseError } from '../../src/errors.js';
import { fillPrompt, readPromptVersion, writePromptTags } from '../../src/prompt-versions.js';
import type { PromptTemplate } from '../../src/prompt-versions.js';
import { modelVersion } from '../../src/schemas/models.js';

const stored = (tags: Record<string, string>) =>
  modelVersion.parse({ name: 'p', version: '2', tags: Object.entries(tags).map(([key, value]) => ({ key, value })) });
const roundTrip = (template: PromptTemplate) => readPromptVersion(stored({ ...writePromptTags(template), own: 'x' }));

describe('prompt versions', () => {
  it('reads back what it wrote, own tags only', () => {
    expect(roundTrip('Hi {{ name }}, {{a.b}}, {{name}}')).to.deep.include({
      template: 'Hi {{ name }}, {{a.b}}, {{name}}',
      variables: ['name', 'a.b'],
      tags: { own: 'x' },
    });
    const chat = [{ role: 'user', content: '{{ question }}' }];
    expect(roundTrip(chat)).to.deep.include({ template: chat, variables: ['question'] });
  });

  it('fills in variables literally', () => {
    expect(fillPrompt({ template: 'Hi {{ name }}', values: { name: '$& {{x}}' } })).to.equal('Hi $& {{x}}');
    expect(fillPrompt({ template: [{ role: 'user', content: '{{q}}' }], values: { q: 'why' } })).to.deep.equal([
      { role: 'user', content: 'why' },
    ]);
  });

  it('names every variable without a value', () => {
    expect(() => fillPrompt({ template: '{{a}} {{b}} {{toString}}', values: { a: '1' } })).to.throw(
      MlflowArgumentError,
      '"b", "toString"',
    );
  });

  it('refuses a text over the limit, a version of a model, and broken messages', () => {
    expect(() => writePromptTags('x'.repeat(100_001))).to.throw(MlflowArgumentError, '100001 characters > 100000');
    expect(() => readPromptVersion(stored({}))).to.throw(MlflowArgumentError, 'model');
    expect(() => readPromptVersion(stored({ 'mlflow.prompt.text': '{', _mlflow_prompt_type: 'chat' }))).to.throw(
      MlflowResponseError,
      '"p"',
    );
  });
});
