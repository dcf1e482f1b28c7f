import { Chat } from "./chat.js";
import type { TalkOptions } from "./conversation.js";
import type { Sockets } from "./sockets.js";

export interface ChatMethods {
  /**
   * A chat that there is, or a new one. Rejects with DecodeError when it has ended (`ChatExpired`; `reopen` opens it
   * again), is none of the user's (`ChatNotFound`), or may not be opened.
   */
  talk(options?: TalkOptions): Promise<Chat>;
}

export function chatMethods(sockets: Sockets): ChatMethods {
  return { talk: (options = {}) => Chat.begun(sockets, options) };
}
