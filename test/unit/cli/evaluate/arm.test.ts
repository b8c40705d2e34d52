import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DirectoryStore } from '../../../../src/adapters/directory-store/directory-store.js';
import { CannotRun } from '../../../../src/client/cli/command-context.js';
import { armOf } from '../../../../src/client/cli/evaluate/arm.js';

describe('the arms of an evaluation', () => {
  const arm = (given: string) =>
    armOf({
      ...{ option: '--candidate', given, model: 'm', revision: null, apiKeyOf: () => null },
      store: new DirectoryStore({ root: join(tmpdir(), 'no-such-store') }),
    });

  it('may be models on Bedrock, by their names', async () => {
    expect(await arm('bedrock://us-east-1/v1#anthropic.claude-3-haiku-20240307-v1:0')).to.deep.equal({
      kind: 'endpoint',
      name: 'anthropic.claude-3-haiku-20240307-v1:0 at bedrock://us-east-1/v1',
      endpoint: 'bedrock://us-east-1/v1',
      model: 'anthropic.claude-3-haiku-20240307-v1:0',
      revision: null,
    });
    const error = await arm('bedrock://us-east-1/v1').catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(CannotRun);
    expect((error as Error).message).to.contain('expected the model after "#"');
  });
});
