"""Reports requests to language models to an llm-exporter, with the standard library alone.

    tracker = Tracker("http://127.0.0.1:9464", token=os.environ.get("LLM_EXPORTER_TOKEN"))
    tracker.track({"provider": "openai", "model": "gpt-4o", "duration_ms": 812, "input_tokens": 1200, "output_tokens": 350})
    tracker.close()

Events wait in a queue of limited size and are sent in batches by a thread of their own, again and again until the
exporter has answered. Each has an id, the same in every attempt, so what is sent twice counts once.
"""

import collections, json, os, random, threading, time, urllib.error, urllib.request, uuid


class Tracker:
    def __init__(self, url, token=None, max_queue=10_000, max_batch=500, flush_interval=1.0, timeout=10.0, max_pause=30.0):
        self.url = url.rstrip("/") + "/v1/events"
        self.headers = {"content-type": "application/x-ndjson", **({"authorization": f"Bearer {token}"} if token else {})}
        self.max_queue, self.max_batch, self.flush_interval = max_queue, max_batch, flush_interval
        self.timeout, self.max_pause = timeout, max_pause
        self.dropped = 0  # no room, not JSON, or rejected by the exporter for what it is
        self.delivered = 0
        self._queue = collections.deque()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="llm-exporter", daemon=True)
        self._thread.start()

    def track(self, event):
        """Takes an event as docs/events.md describes it. Never raises and never waits for the network."""
        try:
            line = json.dumps({"id": str(uuid.uuid4()), "timestamp": time.time(), **event}, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError):
            line = None
        with self._changed:
            if line is None or self._closing.is_set() or len(self._queue) >= self.max_queue:
                self.dropped += 1
                return
            self._queue.append(line)
            if len(self._queue) == self.max_batch:
                self._changed.notify_all()

    def close(self, timeout=5.0):
        """Sends what waits, for so many seconds at most; answers with the number of events that are left."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        self._thread.join(timeout)
        return len(self._queue)

    def _run(self):
        failures = 0
        while True:
            with self._changed:
                if not self._closing.is_set() and len(self._queue) < self.max_batch:
                    self._changed.wait(self.flush_interval)
                if self._closing.is_set() and not self._queue:
                    return
                batch = [self._queue[at] for at in range(min(len(self._queue), self.max_batch))]
            pause = self._send(batch) if batch else 0.0
            if pause is None:  # full jitter, so that many senders do not come back together
                failures += 1
                pause = random.uniform(0, min(self.max_pause, 0.5 * 2 ** min(failures - 1, 10)))
            elif pause == 0.0:
                failures = 0
            if self._closing.wait(pause):
                time.sleep(min(pause, 0.5))  # between the last attempts

    def _send(self, batch):
        """Seconds to wait before the next attempt: 0 if these are done with, None if nobody says."""
        request = urllib.request.Request(self.url, b"\n".join(batch) + b"\n", self.headers)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                answer = json.load(response)
                return self._settle(len(batch), answer["accepted"] + answer["duplicates"])
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 413 and len(batch) > 1:
                    self.max_batch = (len(batch) + 1) // 2
                    return 0.0
                if error.code in (400, 413, 422):  # will not pass next time either
                    return self._settle(len(batch), 0)
                after = error.headers.get("retry-after", "")
                return float(after) if after.isdigit() and after != "0" else None
        except Exception:  # no connection, no answer in time, half an answer, or one that is no exporter's
            return None

    def _settle(self, count, delivered):
        with self._changed:
            for _ in range(count):
                self._queue.popleft()
            self.delivered += delivered
            self.dropped += count - delivered
        return 0.0


if __name__ == "__main__":
    tracker = Tracker(os.environ.get("LLM_EXPORTER_URL", "http://127.0.0.1:9464"), os.environ.get("LLM_EXPORTER_TOKEN"))
    for number in range(int(os.environ.get("EVENTS", "3"))):
        tracker.track({"provider": "openai", "model": "gpt-4o", "pool": "chat", "duration_ms": 800 + number, "input_tokens": 1200, "output_tokens": 350})
    print(json.dumps({"left": tracker.close(), "delivered": tracker.delivered, "dropped": tracker.dropped}))
