import type { Socket } from "node:net";

/** Says why, and does not wait for the client to hang up, too. */
export function hangUp(socket: Socket, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  socket.destroySoon();
}
