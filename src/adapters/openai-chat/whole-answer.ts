/** An answer that has been read to its end. */
export class WholeAnswer {
  readonly ok: boolean;
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly url = '';
  readonly #text: string;

  constructor({ status, headers, text }: { status: number; headers: ReadonlyMap<string, string>; text: string }) {
    this.ok = status >= 200 && status < 300;
    this.status = status;
    this.headers = headers;
    this.#text = text;
  }

  text(): Promise<string> {
    return Promise.resolve(this.#text);
  }

  json(): Promise<unknown> {
    return this.text().then((text) => JSON.parse(text) as unknown);
  }
}

/**
 * What the openai package takes for a `Response`. Of a good answer it asks for nothing but what `WholeAnswer` has, and a
 * real one would cost more than sending the question did.
 */
export function wholeResponse(answer: WholeAnswer): Response | Promise<Response> {
  if (answer.ok) return answer as unknown as Response;
  return answer
    .text()
    .then((text) => new Response(text === '' ? null : text, { status: answer.status, headers: [...answer.headers] }));
}
