"""Runs the iDDS agents at a pace for tests: they look for work every second, and wait without using the processor.

The server looks for work every 10 seconds, a number fixed in its code, and its loops wait 10 to 100 microseconds, which
keeps more than one core busy for nothing. What an agent locked and then lost, by an error of the database for instance, lies
idle until somebody looks for old locks, which is every half an hour; here it is every 15 seconds, and `clean_locks_time_period`
says what is old. Nothing else is changed.
"""
import runpy
import threading

from idds.agents.common.timerscheduler import TimerScheduler

create_task = TimerScheduler.create_task
wait = threading.Event.wait


def create_quick_task(self, *args, **kwargs):
    if kwargs['task_func'].__name__ == 'clean_locks':
        kwargs['delay_time'] = 15
    elif kwargs.get('delay_time', 10) == 10:
        kwargs['delay_time'] = 1
    return create_task(self, *args, **kwargs)


def wait_calmly(self, timeout=None):
    return wait(self, timeout if timeout is None else max(timeout, 0.02))


TimerScheduler.create_task = create_quick_task
threading.Event.wait = wait_calmly
runpy.run_module('idds.agents.main', run_name='__main__')
