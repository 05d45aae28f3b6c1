/** A part of a message's content as OpenAI's chat API takes it. */
export interface ContentPart {
  type: string;
  text?: string;
  /** An image: at an address, or inline as a `data:` URL, from which its size is read. */
  image_url?: string | { url?: string; detail?: string };
}

/** A message as OpenAI's chat API takes it. */
export interface ChatMessage {
  role: string;
  content?: string | readonly ContentPart[] | null;
  name?: string;
  tool_calls?: readonly { id?: string; function?: { name?: string; arguments?: string } }[];
  /** Of a tool's answer: which call it answers. */
  tool_call_id?: string;
}
