import { type ScriptedServer, reply, startScriptedServer } from './scripted-server.js';

/** The part of vLLM's API that serving uses, without a model: names that are loaded, and an answer for each. */
export class ScriptedVllm {
  readonly names: Set<string>;
  #server!: ScriptedServer;

  constructor({ base }: { base: string }) {
    this.names = new Set([base]);
  }

  get url(): string {
    return this.#server.url;
  }

  async start(): Promise<void> {
    this.#server = await startScriptedServer(({ path, body }, response) => {
      const asked = (body === '' ? null : JSON.parse(body)) as { lora_name?: string; model?: string } | null;
      if (path === '/health') return reply(response, { body: '' });
      if (path === '/v1/models') return reply(response, { body: { data: [...this.names].map((id) => ({ id })) } });
      if (path === '/v1/load_lora_adapter') this.names.add(asked!.lora_name!);
      else if (path === '/v1/unload_lora_adapter') this.names.delete(asked!.lora_name!);
      else if (!this.names.has(asked?.model ?? '')) return reply(response, { status: 404 });
      return reply(response, { body: { choices: [{ message: { content: asked?.model ?? '' } }] } });
    });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
