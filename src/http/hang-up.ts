import type { Socket } from "node:net";

/** Long enough for a last answer to leave the machine. */
const GRACE_MILLIS = 1_000;

/** Says why, and does not wait for long: neither for the client to hang up, too, nor for it to read. */
export function hangUp(socket: Socket, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  destroyAfterGrace(socket);
}

export function destroyAfterGrace(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), GRACE_MILLIS);
  socket.once("close", () => clearTimeout(timer));
}
