/** Something that many wait at until it is opened. */
export class Gate {
  #opened: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;
  #isOpen = true;
  /** How many wait. */
  waiting = 0;

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#isOpen = true;
    this.#open();
  }

  async pass(): Promise<void> {
    while (!this.#isOpen) {
      this.waiting += 1;
      await this.#opened;
      this.waiting -= 1;
    }
  }
}
