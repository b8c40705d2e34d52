import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { PortError } from '../../src/activities/ports.js';
import { FolderTokenizers } from '../../src/adapters/base-tokenizers/folder-tokenizers.js';
import type { Chat } from '../../src/domain/dataset/render.js';
import { modelTools } from './support/model-tools.js';

const countByTransformers = `
import json, sys
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1], local_files_only=True)
def count(chat):
    text = chat.get("text") or tokenizer.apply_chat_template(chat["messages"], tokenize=False)
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])
print(json.dumps([count(chat) for chat in json.load(sys.stdin)]))
`;

const contents = [
  'Where is my parcel?',
  'It  is at\n\n the depot, "Utrecht" (since 12:45).',
  'Zażółć gęślą jaźń – naïve café, 東京 und Grüße 👩‍👩‍👧 ①',
  'x'.repeat(3000),
  '  \t leading and trailing  ',
  '12345678901234567890 €12.50 [EMAIL_1] don’t',
  '<b>not a tag</b> {{ no_template }} \\n',
  '',
];
const chats: Chat[] = [
  ...contents.map((content): Chat => ({
    messages: [
      { role: 'system', content: 'You help.' },
      { role: 'user', content },
      { role: 'assistant', content: `${content} Bye.` },
    ],
  })),
  ...contents.map((text): Chat => ({ messages: [{ role: 'user', content: 'q' }], text: `<|im_start|>${text}` })),
];

describe('tokenizers of base models', function () {
  this.timeout(120_000);
  let tools: Awaited<ReturnType<typeof modelTools>>;
  let folder: string;
  before(async () => {
    tools = await modelTools();
    folder = await mkdtemp(join(tmpdir(), 'understudy-tokenizer-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('count what transformers counts, which the training works with', async () => {
    const input = JSON.stringify(chats);
    const { stdout } = await execa(tools.python, ['-c', countByTransformers, tools.tiny], { input });
    const counts = JSON.parse(stdout) as number[];
    expect(counts).to.have.length(chats.length);
    const tokenizer = await new FolderTokenizers({ folders: { tiny: tools.tiny } }).open({ base: 'tiny' });
    expect(tokenizer!.sha256).to.match(/^[0-9a-f]{64}$/);
    chats.forEach((chat, index) => {
      const count = counts[index]!;
      expect(tokenizer!.isLonger({ chat, limit: count }), `chat ${index}, ${count} tokens`).to.equal(false);
      expect(tokenizer!.isLonger({ chat, limit: count - 1 }), `chat ${index}, ${count} tokens`).to.equal(true);
    });
  });

  it('are none for a base that is not here or has no template, and name a file that is none', async () => {
    const tokenizers = new FolderTokenizers({ folders: { tiny: tools.tiny, empty: folder } });
    for (const base of ['other', 'constructor', 'empty']) expect(await tokenizers.open({ base })).to.equal(null);
    await writeFile(join(folder, 'tokenizer.json'), '{');
    await writeFile(join(folder, 'chat_template.jinja'), '{{ messages }}');
    const error: unknown = await tokenizers.open({ base: 'empty' }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(PortError);
    expect((error as PortError).message).to.contain('the tokenizer of empty');
  });
});
