import { isBedrock } from '../adapters/bedrock/bedrock-endpoint.js';
import type { FormatFallback } from '../adapters/format-fallback.js';
import { formatAsked } from '../adapters/openai-chat/response-format.js';
import type { Completion } from './completion.js';
import { type ReleaseUpstream, Upstream, type UpstreamCall } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

const isRefusal = (error: unknown): boolean => error instanceof UpstreamError && error.callerStatus !== null;

/**
 * Asks each release where its target says: an OpenAI-compatible endpoint, or Bedrock, whose Converse is asked for no
 * format.
 */
export class RoutedUpstream implements ReleaseUpstream {
  private readonly endpoints: Upstream;
  private bedrock: Promise<Omit<ReleaseUpstream, 'close'>> | null = null;

  constructor(
    endpoints: ConstructorParameters<typeof Upstream>,
    private readonly formats: FormatFallback,
  ) {
    this.endpoints = new Upstream(...endpoints);
  }

  async complete(call: UpstreamCall): Promise<Completion> {
    return isBedrock(call.target.endpoint)
      ? await (await this.openBedrock()).complete(call)
      : await this.inFormat({ call, ask: (one) => this.endpoints.complete(one) });
  }

  async stream(call: UpstreamCall): Promise<AsyncGenerator<Buffer>> {
    return isBedrock(call.target.endpoint)
      ? await (await this.openBedrock()).stream(call)
      : await this.inFormat({ call, ask: (one) => this.endpoints.stream(one) });
  }

  close(): Promise<void> {
    return this.endpoints.close();
  }

  /** In the format that the release's prompt wants, and without one where the endpoint refuses it. */
  private async inFormat<Answer>({
    call,
    ask,
  }: {
    call: UpstreamCall;
    ask: (call: UpstreamCall) => Promise<Answer>;
  }): Promise<Answer> {
    const { format, target, request } = call;
    if (!format) return await ask(call);
    return await this.formats.ask({
      place: { endpoint: target.endpoint, model: target.adapter },
      inFormat: () => ask({ ...call, request: { ...request, ...formatAsked(format) } }),
      plain: () => ask(call),
      isRefusal,
    });
  }

  /** Loaded by the first release that is served there: AWS's client takes longer to load than the rest of a gateway. */
  private openBedrock(): Promise<Omit<ReleaseUpstream, 'close'>> {
    this.bedrock ??= import('./bedrock-upstream.js').then(({ BedrockUpstream }) => new BedrockUpstream());
    return this.bedrock;
  }
}
