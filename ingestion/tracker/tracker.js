// Intent Growth's tracker. docs/tracker.md tells what it does, and why.
(() => {
  'use strict';
  const GAP = 1800e3; // a longer gap starts a new session; exactly this does not
  // utm_ and click ids; the first group names a person
  const CAMPAIGN =
    /^((mc_eid|_kx|_hsenc|mkt_tok|vero_id|ck_subscriber_id|ml_subscriber_hash)|utm_.+|.*cl(k?id|src)|[gw]braid|gad_.+|srsltid|igsh(id)?|li_fat_id|rdt_cid|epik|sccid|tblci|dicbo|cjevent|awc|mc_cid)$/;

  const script = document.currentScript || document.querySelector('script[data-write-key]');
  const waiting = window.intent;
  if (!script || waiting?.version) return;
  const { writeKey, endpoint, cookie, consent, honourPrivacy } = script.dataset;
  const hasCookie = cookie !== undefined && cookie !== 'false';
  const needsConsent = consent === 'required';

  const warned = {};
  const warn = (text, detail = '') => {
    if (!warned[text]) console.warn('intent: ' + text, detail);
    warned[text] = 1;
  };
  const safely = (job) => (...given) => {
    try { return job(...given); } catch (error) { warn('failed', error); }
  };
  const attempt = (job) => { try { return job(); } catch {} };
  const parsed = (text) => attempt(() => JSON.parse(text)) || {};
  const cut = (text) => String(text).slice(0, 4000);
  const bytes = (text) => new Blob([text]).size;
  const ticks = () => performance.now();
  const isVisible = () => document.visibilityState === 'visible';
  const newId = () => crypto.randomUUID?.() || crypto.getRandomValues(new Uint32Array(4)).join('-');

  const disk = attempt(() => localStorage) || {};
  let store = disk; // or memory
  const read = (key) => store['intent.' + key] ?? null;
  const erase = (key) => [disk, store].map((each) => delete each['intent.' + key]);
  const write = (key, value) => {
    try { store['intent.' + key] = value; } catch { store = { ...store, ['intent.' + key]: String(value) }; }
  };
  const keys = (start) =>
    Object.keys(store).filter((key) => key.startsWith('intent.' + start)).map((key) => key.slice(7)).sort();

  let isOn = false, isWired = false;
  let agreed = read('consent');
  const isAllowed = () =>
    writeKey &&
    (needsConsent ? agreed === '1' : agreed !== '0') &&
    (honourPrivacy === 'false' || !(navigator.globalPrivacyControl || navigator.doNotTrack === '1'));

  const cookieId = () =>
    hasCookie && attempt(() => (/(?:^|; )intent_anonymous_id=([\w-]{8,64})(?:;|$)/.exec(document.cookie) || [])[1]);
  const anonymousId = () => {
    const found = cookieId();
    // a late answer may bring the cookie back that was reset
    const id = (found !== read('left') && found) || read('id') || newId();
    if (id !== read('id')) write('id', id);
    return id;
  };
  const forget = (names) => {
    names.forEach(erase);
    if (!hasCookie) return;
    const labels = location.hostname.split('.');
    do attempt(() => { document.cookie = `intent_anonymous_id=; Max-Age=0; Path=/; Domain=${labels.join('.')}`; });
    while (labels.shift());
  };

  // ticks know better where the clock was set back
  let seen = {};
  const session = () => parsed(read('session'));
  const idle = (last, time, tick) => {
    if (seen.time === last) return Math.max(time - last, Math.round(tick - seen.ticks));
    return time - last < -GAP ? Infinity : Math.max(time - last, 0);
  };
  const touch = (time, tick, isActivity, campaign) => {
    let found = session();
    const isOver = !(found.id && idle(found.time, time, tick) <= GAP);
    if (isOver) found = { id: newId() };
    // a burst runs ahead of the clock
    if (time <= found.time && found.time - time < 5e3) time = found.time + 1;
    if (isOver || isActivity) (found.time = time), (seen = { time, ticks: tick });
    if (campaign) found.campaign = campaign;
    write('session', JSON.stringify(found));
    return { ...found, time };
  };

  const parameters = (search) => [...new URLSearchParams(search)].map(([name, value]) => [name.toLowerCase(), value]);
  const campaignOf = (search) => {
    const found = {};
    for (const [name, value] of parameters(search)) {
      const match = value && CAMPAIGN.exec(name);
      if (match && !match[2]) found[name === 'utm_campaign' ? 'name' : name.replace('utm_', '')] ??= cut(value);
    }
    return Object.keys(found)[0] && found;
  };
  // The site may have tidied its address since.
  const landing = () => {
    const url = new URL(location);
    const names = parameters(url.search).map(([name]) => name);
    attempt(() => {
      for (const [name, value] of parameters(new URL(performance.getEntriesByType('navigation')[0].name).search)) {
        if (CAMPAIGN.test(name) && !names.includes(name)) url.searchParams.append(name, value);
      }
    });
    return url;
  };
  const pageKey = () => {
    const rest = parameters(location.search).filter(([name]) => !CAMPAIGN.test(name));
    return location.pathname + '?' + rest + (/^#[/!]/.test(location.hash) ? location.hash : '');
  };

  // a key an event: tabs do not write over each other
  const own = new Set(), flying = new Set();
  let count = 0, failures = 0, timer = 0, isBusy = false, aborter = new AbortController();
  const abort = () => { aborter.abort(); aborter = new AbortController(); };
  const drop = (name) => erase(name) && own.delete(name);
  const later = (delay) => { timer = timer || setTimeout(safely(flush), delay); };
  const enqueue = (message, time) => {
    const text = JSON.stringify(message);
    if (bytes(text) > 32e3) return warn('an event above 32 kB is dropped');
    const key = `q.${time.toString(36)}.${String(count++).padStart(5, 0)}.${message.messageId}`;
    erase('dropped');
    write(key, text);
    own.add(key);
    const names = keys('q.');
    let size = names.reduce((sum, name) => sum + (read(name) || '').length, 0);
    let dropped = 0;
    while (names.length > 300 || size > 300e3) {
      const name = names.shift();
      const lost = read(name) || '';
      size -= lost.length;
      dropped += 1 + (parsed(lost).context?.library.dropped || 0);
      drop(name);
    }
    if (dropped) {
      write('dropped', dropped + +read('dropped'));
      warn('the queue is full, its oldest events are dropped');
    }
    later(500);
  };
  const pause = () => {
    const left = read('wait') - Date.now();
    return left > 0 && left <= 2 * GAP ? left : 0;
  };
  const backOff = (asked) => {
    if (!isOn) return;
    const told = asked && (asked * 1000 || Date.parse(asked) - Date.now());
    const delay = told > 0 ? told : Math.min(2 ** failures++ * 1000, 300e3) * (0.5 + Math.random() / 2);
    write('wait', Date.now() + Math.min(delay, 2 * GAP));
    later(pause());
  };
  const post = async (names) => {
    const sent = [], batch = [];
    let size = 0;
    for (const name of names) {
      const text = read(name);
      const event = parsed(text);
      if (!event.type) drop(name);
      if (!event.type || flying.has(name)) continue;
      size += bytes(text);
      if (size > 30e3 && sent[0]) break; // 64 KiB may be under way
      sent.push(name);
      batch.push(event);
      flying.add(name);
    }
    if (!sent[0]) return;
    const limit = setTimeout(abort, 30e3);
    let isDone;
    try {
      const answer = await fetch(address, {
        method: 'POST', keepalive: true, signal: aborter.signal,
        body: JSON.stringify({ writeKey, sentAt: new Date(), batch }),
        credentials: hasCookie && failures % 2 < 1 ? 'include' : 'omit',
      });
      await answer.text(); // unread it would count as under way
      isDone = answer.status < 500 && ![408, 429].includes(answer.status);
      if (!isDone) backOff(answer.headers.get('Retry-After'));
      else if (!answer.ok) warn('a batch is refused and dropped', answer.status);
    } catch { backOff(); }
    clearTimeout(limit);
    sent.forEach((name) => flying.delete(name));
    if (isDone) sent.forEach(drop), (failures = 0);
    return isDone;
  };
  const ship = async () => { while (isOn && !pause() && (await post(keys('q.')))); };
  const flush = () => {
    timer = clearTimeout(timer);
    if (!isOn || isBusy) return;
    if (pause()) return later(pause());
    isBusy = true;
    const finish = () => { isBusy = false; if (isOn && keys('q.')[0]) later(2000); };
    const settle = () => new Promise((done) => setTimeout(done, 300)); // others see it later
    const turn = navigator.locks?.request('intent', () => ship().then(settle));
    (turn?.catch(ship) || ship()).then(finish, finish);
  };

  let view, pending = 0;
  const record = (type, fields, page, tick = ticks()) => {
    if (!isOn) return;
    if (pending && !page) show();
    if (!page && view) page = { ...view.page, title: cut(document.title) };
    const time = Math.round(Date.now() - ticks() + tick);
    const found = touch(time, tick, !/group|alias/.test(type), type === 'page' && campaignOf(page.search));
    const dropped = +read('dropped') || undefined;
    enqueue({
      type, messageId: newId(), timestamp: new Date(found.time),
      anonymousId: anonymousId(), userId: read('user') || undefined, ...fields,
      context: {
        sessionId: found.id,
        page,
        campaign: found.campaign,
        library: { name: 'intent-tracker', version: api.version, dropped },
        locale: navigator.language, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        screen: { width: screen.width, height: screen.height }, userAgent: navigator.userAgent,
      },
    }, found.time);
  };
  const track = (event, properties, page, tick) => record('track', { event, properties }, page, tick);

  let visibleSince = null, lastInput = 0;
  const look = () => {
    lastInput = ticks();
    visibleSince = isVisible() ? lastInput : null;
  };
  const measure = () => {
    const reached = (100 * (scrollY + innerHeight)) / document.documentElement.scrollHeight;
    view.depth = Math.max(view.depth, Math.min(100, Math.round(reached)));
  };
  const tell = () => {
    if (!isOn || !view) return;
    let end = ticks();
    // nobody reads a screen that was walked away from
    if (idle(session().time, Date.now(), end) > GAP) end = Math.max(lastInput, seen.ticks);
    if (visibleSince !== null) {
      measure();
      view.visible += Math.max(end - visibleSince, 0);
      visibleSince = ticks();
    }
    if (view.visible < 1000 && view.depth === view.told) return;
    track('page_read', { visible_ms: Math.round(view.visible), scroll_percent: view.depth }, view.page, end);
    view.visible = 0;
    view.told = view.depth;
  };
  const noteInput = () => {
    if (ticks() - seen.ticks > GAP / 2) tell();
    lastInput = ticks();
  };
  const leave = () => {
    if (pending) show();
    tell();
    visibleSince = null;
    if (isOn && !pause()) post([...own]); // at once, without a lock
  };

  const show = (name, properties) => {
    pending = clearTimeout(pending);
    tell();
    const key = pageKey();
    const url = view ? location : landing();
    const page = {
      url: cut(url.href), path: url.pathname, search: cut(url.search), title: cut(document.title),
      referrer: cut(!view ? document.referrer : key === view.key ? view.page.referrer : view.page.url),
    };
    view = { key, page, visible: 0, depth: 0, told: 0, offers: {} };
    look();
    record('page', { name, properties }, page);
    observer.disconnect();
    scan();
  };
  const move = () => {
    pending = clearTimeout(pending);
    if (!isOn || !view || pageKey() === view.key) return;
    tell();
    pending = setTimeout(safely(show)); // when the title is set
  };

  const once = (event, offer) => {
    if (!isOn || !view || view.offers[event + offer]) return;
    view.offers[event + offer] = 1;
    track(event, { offer_id: offer });
  };
  const observer = new IntersectionObserver(safely((entries) => {
    for (const { intersectionRatio, target } of entries) {
      if (intersectionRatio >= 0.5) once('cta_view', target.dataset.intentCta);
    }
  }), { threshold: 0.5 });
  const fill = () => {
    const { url, referrer, title } = view?.page || {};
    const ids = isOn ? [anonymousId(), session().id || ''] : ['', ''];
    const page = { page_url: url, page_referrer: referrer, page_title: title };
    const values = { anonymous_id: ids[0], session_id: ids[1], ...page };
    for (const name in values) {
      for (const input of document.querySelectorAll(`form[data-intent-form] input[type=hidden][name=${name}]`)) {
        input.value = values[name] ?? input.value;
      }
    }
  };
  const scan = () => {
    document.querySelectorAll('[data-intent-cta]').forEach((found) => observer.observe(found));
    fill();
  };

  const wire = () => {
    isWired = true;
    const listen = (target, names, job) => names.split(' ').forEach((name) =>
      target.addEventListener(name, safely((event) => isOn && job(event)), { capture: true, passive: true }));
    for (const name of ['pushState', 'replaceState']) {
      const original = history[name];
      history[name] = function (...given) {
        const result = original.apply(this, given);
        safely(move)();
        return result;
      };
    }
    listen(window, 'popstate hashchange', move);
    listen(window, 'pagehide', leave);
    listen(window, 'pageshow', (event) => event.persisted && show());
    listen(document, 'visibilitychange', () => (isVisible() ? look() : leave()));
    listen(window, 'pointerdown pointermove keydown scroll', noteInput);
    listen(window, 'scroll', () => view && measure());
    listen(document, 'click auxclick', ({ button, target }) => {
      const found = button < 2 && target.closest?.('[data-intent-cta]');
      if (found) track('cta_click', { offer_id: found.dataset.intentCta });
    });
    listen(document, 'input', ({ target }) => {
      const form = target.closest?.('form[data-intent-form]');
      if (form) once('form_start', form.getAttribute('data-intent-form'));
    });
    listen(document, 'submit', fill);
    let scanning;
    new MutationObserver(() => {
      scanning = scanning || setTimeout(safely(() => (scanning = 0, scan())), 200);
    }).observe(document, { childList: true, subtree: true });
  };
  const start = () => {
    if (isOn || !isAllowed() || document.prerendering) return;
    isOn = true;
    if (!isWired) wire();
    show();
    flush();
  };
  const stop = () => {
    isOn = false;
    abort();
    pending = clearTimeout(pending);
    view = null;
    own.clear();
    store = disk;
    forget(keys(''));
    if (!needsConsent && agreed === '0') write('consent', 0);
    fill();
  };

  const object = (given) => (typeof given === 'object' && given) || undefined;
  const api = {
    track: (event, properties) => track(cut(event), object(properties)),
    page: (name, properties) => isOn && show(object(name) ? undefined : name, object(name) || object(properties)),
    identify: (id, traits) => {
      if (isOn && id && !object(id)) write('user', cut(id));
      record('identify', { traits: object(id) || object(traits) });
    },
    group: (id, traits) => record('group', { groupId: cut(id), traits: object(traits) }),
    alias: (id, previous) => record('alias', { userId: cut(id), previousId: previous || read('id') }),
    reset: () => {
      if (!isOn) return;
      write('left', anonymousId());
      forget(['id', 'user', 'session']);
      fill();
    },
    consent: (isGiven) => {
      agreed = isGiven ? '1' : '0';
      if (!isGiven) return stop();
      start();
      if (isAllowed()) write('consent', 1); // last: other tabs start by it
    },
    anonymousId: () => (isOn ? anonymousId() : null),
    push: (...calls) => calls.forEach(safely(([name, ...given]) => api[name](...given))),
  };
  for (const name in api) api[name] = safely(api[name]);
  api.version = '1.0.0';
  window.intent = api;

  let address;
  safely(() => {
    address = (endpoint || new URL('.', script.src).href).replace(/\/*$/, '/v1/batch');
    if (!writeKey) return warn('the script tag has no data-write-key');
    window.addEventListener('storage', safely(({ key }) => {
      if (key === 'intent.session') seen = { time: session().time, ticks: ticks() };
      if (key && key !== 'intent.consent') return;
      agreed = read('consent');
      if (isOn && !isAllowed()) stop();
      start();
    }));
    document.addEventListener('prerenderingchange', safely(start));
    if (!isAllowed()) stop();
    const isConsent = (call) => call?.[0] === 'consent';
    const calls = Array.isArray(waiting) ? waiting : [];
    api.push(...calls.filter(isConsent));
    start();
    api.push(...calls.filter((call) => !isConsent(call)));
  })();
})();
