import type { z } from 'zod';

/** One kind of frame: its shape, what it means, and one that a test parses and the documents show. */
export interface FrameDescription {
  /** Of what the frame's text holds: the parsed JSON, or the text itself where the content type is text/plain. */
  schema: z.ZodType;
  summary: string;
  example: unknown;
}

/** One dialect of the socket for people and programs: its address, and everything that either side may say there. */
export interface SocketDescription {
  /** Letters, digits and dashes; what the channel is called in the documents. */
  name: string;
  title: string;
  description: string;
  /** The path of the handshake, its parts in braces: `/ws/{chatId}`. */
  address: string;
  /** What each part in braces is. */
  parameters?: Record<string, string>;
  /** The query of the handshake. */
  query?: z.ZodObject;
  /** What the handshake offers in `Sec-WebSocket-Protocol`, where that is how this one is asked for. */
  subprotocol?: string;
  /** `application/json` unless the frames are lines of text. */
  contentType?: 'application/json' | 'text/plain';
  clientFrames: Record<string, FrameDescription>;
  serverFrames: Record<string, FrameDescription>;
}
