import { type ScriptedServer, reply, startScriptedServer } from './scripted-server.js';

/** What a model says to a question; null where it fails. */
export type Answer = (asked: { name: string; question: string }) => string | null;

interface Asked {
  lora_name?: string;
  model?: string;
  messages?: { content: string }[];
}

/** The part of vLLM's API that serving uses, without a model: names that are loaded, and an answer for each. */
export class ScriptedVllm {
  readonly names: Set<string>;
  readonly #answer: Answer;
  #server!: ScriptedServer;

  constructor({ base, answer = ({ name }) => name }: { base: string; answer?: Answer }) {
    this.names = new Set([base]);
    this.#answer = answer;
  }

  get url(): string {
    return this.#server.url;
  }

  /** On a free port unless a place is named. */
  async start(place: { host?: string; port?: number } = {}): Promise<void> {
    this.#server = await startScriptedServer(({ path, body }, response) => {
      const asked = (body === '' ? null : JSON.parse(body)) as Asked | null;
      if (path === '/health') return reply(response, { body: '' });
      if (path === '/v1/models') return reply(response, { body: { data: [...this.names].map((id) => ({ id })) } });
      if (path === '/v1/load_lora_adapter') this.names.add(asked!.lora_name!);
      else if (path === '/v1/unload_lora_adapter') this.names.delete(asked!.lora_name!);
      else if (!this.names.has(asked?.model ?? '')) return reply(response, { status: 404 });
      const name = asked?.model ?? '';
      const content = this.#answer({ name, question: asked?.messages?.at(-1)?.content ?? '' });
      if (content === null) return reply(response, { status: 500, body: { error: { message: 'out of order' } } });
      const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }];
      const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
      return reply(response, { body: { id: 'scripted', object: 'chat.completion', model: name, choices, usage } });
    }, place);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
